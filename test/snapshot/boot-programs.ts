import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** File texts by absolute path on the imaginary host. */
export type SysctlTree = Readonly<Record<string, string>>;

/** What a real program set: dotted key to value. */
export type ProgramResult = ReadonlyMap<string, string>;

/** Keys that exist in the oracle's /proc/sys, which is a tmpfs in a private mount namespace. */
export const oracleKeys = [
  'net.ipv4.tcp_tw_recycle',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.eth0/100.rp_filter',
  'kernel.sysrq',
] as const;

const systemdSysctl = '/usr/lib/systemd/systemd-sysctl';

/** Why the real programs cannot be asked here, or null. */
export function oracleMissing(): string | null {
  if (!existsSync(systemdSysctl)) return 'systemd-sysctl is not installed';
  if (spawnSync('sysctl', ['--version']).status !== 0) return 'procps is not installed';
  if (!existsSync('/usr/lib/sysctl.d') || !existsSync('/etc/sysctl.conf')) return 'no /usr/lib/sysctl.d or sysctl.conf';
  const unshared = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/proc/sys']);
  return unshared.status === 0 ? null : 'no right to mount in a private namespace';
}

/** Runs `sysctl --system` and systemd-sysctl on every tree, in one private mount namespace; nothing of this machine is written. */
export function askPrograms(
  trees: readonly SysctlTree[],
): readonly { readonly procps: ProgramResult; readonly systemd: ProgramResult }[] {
  const work = mkdtempSync(join(tmpdir(), 'boot-oracle-'));
  try {
    trees.forEach((tree, index) => {
      for (const [path, text] of Object.entries(tree)) {
        const at = join(work, String(index), path);
        mkdirSync(join(at, '..'), { recursive: true });
        writeFileSync(at, text);
      }
    });
    const run = spawnSync('unshare', ['-m', 'sh', '-c', script(trees.length), 'sh', work], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      timeout: 60_000,
    });
    if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr}`);
    return run.stdout
      .split('=====tree=====\n')
      .slice(1)
      .map(part => {
        const [procps = '', systemd = ''] = part.split('=====systemd=====\n');
        return { procps: procpsWrites(procps), systemd: systemdWrites(systemd) };
      });
  } finally {
    rmSync(work, { recursive: true });
  }
}

const script = (count: number): string => `
set -e
work=$1
mount -t tmpfs none /proc/sys
mount -t tmpfs none /run
mount -t tmpfs none /usr/local/lib
mount -t tmpfs none /etc/sysctl.d
mount -t tmpfs none /usr/lib/sysctl.d
mkdir -p /run/sysctl.d /usr/local/lib/sysctl.d /proc/sys/net/ipv4/conf/all /proc/sys/net/ipv4/conf/eth0.100 /proc/sys/kernel
: > "$work/sysctl.conf"
mount --bind "$work/sysctl.conf" /etc/sysctl.conf
cd /proc/sys
keys="net/ipv4/tcp_tw_recycle net/ipv4/tcp_tw_reuse net/ipv4/tcp_timestamps net/ipv4/conf/all/rp_filter net/ipv4/conf/eth0.100/rp_filter kernel/sysrq"
for key in $keys; do : > $key; done
export LC_ALL=C SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_COLOR=0
i=0
while [ $i -lt ${count} ]; do
  for dir in /etc /run /usr/local/lib /usr/lib; do
    rm -f $dir/sysctl.d/*.conf
    if [ -d $work/$i$dir/sysctl.d ]; then cp -P $work/$i$dir/sysctl.d/* $dir/sysctl.d/; fi
  done
  : > /etc/sysctl.conf
  if [ -f $work/$i/etc/sysctl.conf ]; then cat $work/$i/etc/sysctl.conf > /etc/sysctl.conf; fi
  echo =====tree=====
  sysctl --system 2>/dev/null || :
  echo =====systemd=====
  ${systemdSysctl} 2>&1 || :
  i=$((i+1))
done
`;

const known = (key: string): boolean => oracleKeys.some(known => known === key);

function procpsWrites(text: string): ProgramResult {
  const writes = new Map<string, string>();
  for (const line of text.split('\n')) {
    // a key written with a leading slash is printed with a leading dot
    const [, key, value] = /^\.?(\S+) = (.*)$/s.exec(line) ?? [];
    if (key !== undefined && value !== undefined && known(key)) writes.set(key, value);
  }
  return writes;
}

function systemdWrites(text: string): ProgramResult {
  const writes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, path, value] = /^Setting '\/proc\/sys\/+(.*?)' to '(.*)'$/s.exec(line) ?? [];
    if (path === undefined || value === undefined) continue;
    const key = path.replace(/\/{2,}/g, '/').replace(/[/.]/g, found => (found === '.' ? '/' : '.'));
    if (known(key)) writes.set(key, value);
  }
  return writes;
}
