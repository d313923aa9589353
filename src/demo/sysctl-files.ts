/** A file of a tree: its text, or where a symbolic link points. */
export type TreeEntry = string | { readonly link: string };
export type Entries = Readonly<Record<string, TreeEntry>>;

/** Red Hat and Debian both link sysctl.conf into sysctl.d, so that systemd-sysctl reads it late, but not last. */
const linked: Entries = { 'etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' } };

/** Its presence says that systemd-sysctl runs at boot; nobody runs it here. */
const systemd: Entries = { 'usr/lib/systemd/systemd-sysctl': '' };

const untouched = '# System default settings live in /usr/lib/sysctl.d/00-system.conf.\n';

/** Seventeen lines as they pile up over the years; the last one is what this tool is about. */
const yearsOfTuning = `# Kernel sysctl configuration file
#
# For binary values, 0 is disabled, 1 is enabled.

# Controls IP packet forwarding
net.ipv4.ip_forward = 0
# Controls source route verification
net.ipv4.conf.default.rp_filter = 1
# Do not accept source routing
net.ipv4.conf.default.accept_source_route = 0
# Controls the System Request debugging functionality of the kernel
kernel.sysrq = 0
# Controls the use of TCP syncookies
net.ipv4.tcp_syncookies = 1
# too many TIME_WAIT
net.ipv4.tcp_timestamps = 1
net.ipv4.tcp_tw_recycle = 1
`;

/** Set by a drop-in, line 4. */
export const setByDropIn: Entries = {
  ...systemd,
  ...linked,
  'etc/sysctl.conf': untouched,
  'etc/sysctl.d/30-tuning.conf': `# web tier tuning
net.ipv4.ip_local_port_range = 32768 60999
net.ipv4.tcp_fin_timeout = 60
net.ipv4.tcp_tw_recycle = 1
`,
};

/** Set in sysctl.conf, line 17, on a host with systemd. */
export const setInSysctlConf: Entries = { ...systemd, ...linked, 'etc/sysctl.conf': yearsOfTuning };

/** The same before systemd: init scripts read sysctl.conf only. */
export const setBeforeSystemd: Entries = { 'etc/sysctl.conf': yearsOfTuning };

/** Recycle on, timestamps off: what somebody did in the night of the incident. */
export const setWithoutTimestamps: Entries = {
  ...systemd,
  ...linked,
  'etc/sysctl.conf': yearsOfTuning.replace('tcp_timestamps = 1', 'tcp_timestamps = 0'),
};

/** The fix is in a file that sysctl.conf overrules in both engines: 99-fix.conf sorts before 99-sysctl.conf. */
export const fixThatLoses: Entries = {
  ...setInSysctlConf,
  'etc/sysctl.d/99-fix.conf': 'net.ipv4.tcp_tw_recycle = 0\n',
};

/** Nothing about tcp_tw_recycle anywhere. */
export const nothingSet: Entries = {
  ...systemd,
  ...linked,
  'etc/sysctl.conf': untouched,
  'usr/lib/sysctl.d/50-default.conf': 'net.ipv4.conf.default.rp_filter = 1\nnet.ipv4.conf.*.rp_filter = 1\n',
};

/** No systemd either. */
export const nothingSetBusybox: Entries = {
  'etc/sysctl.conf': '# content of this file will override /etc/sysctl.d/*\n',
};
