import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunDiff } from '../../src/model/diff.ts';
import { buildProgram } from '../cli/built-program.ts';
import { lacking } from '../netns/lacking.ts';

const here = lacking === null ? '' : ` (not here: ${lacking})`;

describe.skipIf(lacking !== null)(`two audits of a real kernel${here}`, () => {
  let directory: string;
  let program: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'synaudit-diff-'));
    program = buildProgram(join(directory, 'program'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('settings changed between them, and what follows from that, is all that is otherwise', () => {
    const audit = `node '${program}' audit localhost -q --interval 1 --no-tui --fail-on never >/dev/null`;
    const script = `
      ip link set lo up
      ${audit}
      echo 1 >/proc/sys/net/ipv4/tcp_abort_on_overflow
      sleep 1
      ${audit}
      node '${program}' diff -f json --fail-on medium || [ $? = 1 ]`;
    const env = { PATH: process.env['PATH'], HOME: directory, XDG_STATE_HOME: join(directory, 'state') };
    const text = execFileSync('unshare', ['--net', 'sh', '-c', script], { encoding: 'utf8', env, timeout: 60_000 });
    const { summary, hosts, remarks, rates }: RunDiff = JSON.parse(text);
    expect(summary).toMatchObject({ exitCode: 1, settings: 1, hosts: { both: 1, lost: 0, rebooted: 0 } });
    expect(hosts[0]?.settings).toEqual([
      { key: 'net.ipv4.tcp_abort_on_overflow', running: { before: '0', after: '1' } },
    ]);
    const own = hosts[0]?.findings.filter(({ owner, change }) => owner === null && change !== 'same');
    expect(own?.map(({ rule, change }) => [rule, change])).toEqual([['abort-on-overflow', 'new']]);
    expect(remarks).toEqual([]);
    // the counter of CPU backlogs is the machine's, which does other things as well
    expect(rates.filter(({ field }) => field !== 'softnet_stat.dropped')).toEqual([]);
  });
});
