import { spawnSync } from 'node:child_process';

const asked = `
set -e
ip link add eth0 type veth peer name eth1
nft 'add table inet t'
nft 'add chain inet t c { type filter hook output priority 0; }'
nft 'add rule inet t c tcp flags & (syn|ack) == (syn|ack) counter drop'
nft 'add table ip n'
nft 'add chain ip n c { type nat hook postrouting priority 100; }'
nft 'add rule ip n c tcp dport 9 masquerade to :40000-40009'
perl -MSocket -e 1
sysctl -n net.ipv4.tcp_syncookies >/dev/null
test -x /usr/sbin/sshd
nsenter --target $$ --net -- true`;

/** Why hosts with a real kernel's TCP cannot be made here (rights, programs, kernel), in one line; null if they can. */
export const lacking: string | null = whyNot();

function whyNot(): string | null {
  const namespaces = ['--net', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child'];
  const { status, stderr, error } = spawnSync('unshare', [...namespaces, 'sh', '-c', asked], { encoding: 'utf8' });
  if (status === 0) return null;
  return (error?.message ?? stderr.trim().split('\n').at(-1)) || `the trial ended with ${status}`;
}
