import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A host's files: path below the root to content, or to a link's target. */
export type Tree = Readonly<Record<string, string | { readonly link: string }>>;

/** Writes a tree into a new temporary directory. The caller removes it with `remove`. */
export function plantTree(tree: Tree): { root: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'synaudit-tree-'));
  for (const [path, content] of Object.entries(tree)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string') writeFileSync(file, content);
    else symlinkSync(content.link, file);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** The least that makes a Linux host. */
export const bareHost: Tree = {
  'proc/sys/kernel/osrelease': '3.10.0-1160.el7.x86_64\n',
  'proc/uptime': '1000.00 900.00\n',
  'proc/net/netstat': 'TcpExt: PAWSPassive ListenDrops\nTcpExt: 5 7\n',
  'proc/sys/net/ipv4/tcp_tw_recycle': '1\n',
  'proc/sys/net/ipv4/tcp_timestamps': '1\n',
};

/** One row of /proc/net/tcp as the kernel prints it, little-endian. */
export function tcpRow(row: {
  local: string;
  remote: string;
  state: string;
  rxQueue?: number;
  retransmits?: number;
}): string {
  const rx = (row.rxQueue ?? 0).toString(16).toUpperCase().padStart(8, '0');
  const retransmits = (row.retransmits ?? 0).toString(16).toUpperCase().padStart(8, '0');
  return `   1: ${row.local} ${row.remote} ${row.state} 00000000:${rx} 00:00000000 ${retransmits}     0        0 12345 1 ffff880012345678 20 4 30 10 -1\n`;
}

export const tcpHeader =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** `10.8.0.5`, 443 to `0500080A:01BB`. */
export function hexSocket(address: string, port: number): string {
  const bytes = address.split('.').map(part => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return `${bytes.reverse().join('')}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
