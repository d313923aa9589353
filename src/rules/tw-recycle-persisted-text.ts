import type { RuleText } from './define.ts';

/** The running value is right already; what is wrong stands in a file. */
export const persistedFix = {
  summary: 'set net.ipv4.tcp_tw_recycle=0 in the winning line (or remove the line), and keep a copy of the file',
  set: { 'net.ipv4.tcp_tw_recycle': '0' },
  risk: 'none beyond that of the running value: TIME_WAIT keeps lasting 60 s after a reboot, too',
} as const;

/** What the rule says of itself. */
export const persistedText = {
  id: 'tw-recycle-persisted',
  title: 'tcp_tw_recycle stays off after a reboot',
  summary:
    'The fault was fixed at run time and returns with the next reboot, because a sysctl file, a tuned profile or a start script still sets the key.',
  mechanism: [
    'At boot systemd-sysctl, or the init scripts with sysctl of procps, write the values of all sysctl files.',
    'Files of all directories are read in the order of their base names; of one key the last line wins.',
    'procps reads /etc/sysctl.conf last; systemd-sysctl does not read it at all, except in EL7, or through a link such as /etc/sysctl.d/99-sysctl.conf.',
    'So the two can come to different results from the same files.',
    'After the files ufw, tuned and rc.local write keys of their own. tuned then applies /run/sysctl.d, /etc/sysctl.d and /etc/sysctl.conf once more, unless reapply_sysctl is 0.',
  ],
  proof: 'The file and line that win, by either engine, against the running value.',
  fix: persistedFix,
  references: [
    { title: 'sysctl.d(5)', url: 'https://man7.org/linux/man-pages/man5/sysctl.d.5.html' },
    { title: 'sysctl(8), --system', url: 'https://man7.org/linux/man-pages/man8/sysctl.8.html' },
    { title: 'tuned-main.conf(5), reapply_sysctl', url: 'https://manpages.debian.org/tuned/tuned-main.conf.5.en.html' },
  ],
} as const satisfies RuleText;
