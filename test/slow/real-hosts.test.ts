import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, freshDirectory } from '../cli/call.ts';
import { bareHost, plantTree } from '../collect/tree.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { openWorkshop, type Workshop } from '../ssh/workshop.ts';

// Mount namespaces are root's.
const asRoot = process.getuid?.() === 0;

/** Accounts that exist for this server alone, with the login shells that hosts have. */
const accounts = { plain: '/bin/sh', csh: '/usr/bin/tcsh', nologin: '/usr/sbin/nologin', noisy: '/bin/bash' };

function accountFiles(home: string): Record<string, string> {
  const names = Object.entries(accounts);
  const passwd = names.map(([name, shell], i) => `${name}:x:${4711 + i}:4711::${home}:${shell}\n`).join('');
  const shadow = names.map(([name]) => `${name}:*:19000:0:99999:7:::\n`).join('');
  return {
    'etc/passwd': readFileSync('/etc/passwd', 'utf8') + passwd,
    'etc/shadow': readFileSync('/etc/shadow', 'utf8') + shadow,
    'etc/bash.bashrc': 'echo "Welcome to this host"; printf "\\033[31mred\\033[0m\\n"\n',
  };
}

const netstat = (rejected: number): string => `TcpExt: PAWSPassive ListenDrops\nTcpExt: ${rejected} ${rejected}\n`;

describe.skipIf(!asRoot)('a real sshd before the files of an el7 host', () => {
  let workshop: Workshop;
  let sshd: Sshd;
  let tree: { root: string; remove: () => void };
  let options: string[];

  beforeAll(async () => {
    workshop = openWorkshop();
    chmodSync(workshop.directory, 0o755); // sshd reads authorized_keys as the user
    tree = plantTree({
      ...bareHost,
      ...accountFiles('/'),
      'etc/sysctl.conf': '# tuned\n\nnet.ipv4.tcp_tw_recycle = 1\n',
      'proc/sys/net/ipv4/tcp_fastopen_key': 'deadbeef-cafe-f00d-0000\n',
    });
    chmodSync(tree.root, 0o755);
    const key = workshop.makeKey('login');
    sshd = await startSshd({ workshop, address: '127.9.7.1', authorized: [key.publicLine], tree: tree.root });
    const known = workshop.write('known_hosts', `${sshd.knownHostsLine()}\n`);
    options = ['--identity', key.path, '--known-hosts', known, '--ssh-config', 'none'];
  });
  afterAll(async () => {
    await workshop.close();
    tree.remove();
  });

  const audit = async (
    user: string,
    ...more: string[]
  ): Promise<{ exitCode: number; host: Record<string, unknown> }> => {
    const target = `${user}@127.9.7.1:${sshd.port}`;
    const home = freshDirectory();
    const { exitCode, stdout } = await call(['audit', target, ...options, '-f', 'json', '-q', ...more], { home });
    return { exitCode, host: JSON.parse(stdout).hosts[0] };
  };

  test.each(['root', 'plain', 'csh', 'noisy'])('as %s: counters, settings, and the line that sets them', async user => {
    const { exitCode, host } = await audit(user, '--interval', '0');
    expect(exitCode).toBe(1);
    expect(host).toMatchObject({
      outcome: 'audited',
      kernel: '3.10.0-1160.el7.x86_64',
      primary: 'tw-recycle',
      findings: [{ rule: 'tw-recycle', state: 'fired', severity: 'critical' }],
      settings: { 'net.ipv4.tcp_tw_recycle': { value: '1', boot: { value: '1', file: '/etc/sysctl.conf', line: 3 } } },
    });
    expect(JSON.stringify(host)).not.toContain('deadbeef');
  });

  test('a counter that rises during the visit: firing, with its rate', async () => {
    const moving = (async () => {
      for (let i = 1; i <= 30; i++) {
        await delay(100);
        writeFileSync(join(tree.root, 'proc/net/netstat'), netstat(5 + i));
        writeFileSync(join(tree.root, 'proc/uptime'), `${1000 + i / 10} 900.00\n`);
      }
    })();
    const { exitCode, host } = await audit('plain', '--interval', '1');
    await moving;
    expect(exitCode).toBe(1);
    expect(host).toMatchObject({ findings: [{ state: 'firing', confidence: 'certain' }] });
    const [finding] = host['findings'] as { evidence: { field: string; perSecond?: number }[] }[];
    const rate = finding?.evidence.find(({ field }) => field === 'TcpExt.PAWSPassive')?.perSecond;
    // ten a second, by the host's own clock
    expect(rate).toBeGreaterThan(9);
    expect(rate).toBeLessThan(11);
  });

  test('a login without a shell is unsupported, and its words are quoted', async () => {
    const { exitCode, host } = await audit('nologin');
    expect(exitCode).toBe(3);
    expect(host).toMatchObject({ outcome: 'unsupported', error: { code: 'no-shell' } });
    expect(JSON.stringify(host['error'])).toContain('not available');
  });

  test('a file that the login may not read makes the visit partial, and is named', async () => {
    writeFileSync(join(tree.root, 'proc/net/snmp'), 'Tcp: RtoMin MaxConn\nTcp: 200\n');
    const { host } = await audit('plain', '--interval', '0');
    expect(host).toMatchObject({ outcome: 'partial', unread: { 'proc/net/snmp': expect.stringContaining('line 2') } });
  });
});
