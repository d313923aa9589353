import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLineWriter } from '../../src/history/records.ts';
import type { HostResult } from '../../src/model/run.ts';
import { call, freshDirectory } from '../cli/call.ts';
import { hostsMissing, madeHost } from '../remediate/script-host.ts';
import { hostileTexts } from '../report/hostile.ts';
import { eventsOf, recycling, run } from '../report/results.ts';

const hasAnsible = spawnSync('ansible-playbook', ['--version']).status === 0;
const missing = hostsMissing();
if (!hasAnsible) console.warn('ansible-playbook is not installed: the playbook is not tried');
if (missing !== null) console.warn(`the playbook is not run on made hosts: ${missing}`);

const running = '/proc/sys/net/ipv4/tcp_tw_recycle';

/** Writes the plan for these hosts and an inventory in which each is this machine; gives the directory of both. */
async function planned(results: readonly HostResult[]): Promise<{ readonly work: string; readonly playbook: string }> {
  const work = freshDirectory();
  const runs = join(work, '.local/state/synaudit/runs');
  mkdirSync(runs, { recursive: true });
  writeFileSync(join(runs, `${run.id}.ndjson`), eventsOf(results).map(createLineWriter(Date.now)).join(''));
  const { exitCode, stderr } = await call(['fix', '--out', join(work, 'plan')], { home: work });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  writeFileSync(join(work, 'hosts'), 'web01 ansible_connection=local ansible_become=false\n');
  return { work, playbook: join(work, 'plan/ansible/playbook.yml') };
}

const environment = (work: string): string =>
  `export HOME=${work} ANSIBLE_HOME=${work}/.ansible ANSIBLE_LOCAL_TEMP=${work}/tmp ANSIBLE_REMOTE_TEMP=${work}/remote ANSIBLE_NOCOWS=1 ANSIBLE_FORCE_COLOR=0 ANSIBLE_DEPRECATION_WARNINGS=0`;

/** `web01 : ok=3 changed=1 …` of the recap. */
function recap(output: string): Readonly<Record<string, number>> {
  const [, counts = ''] = /^web01\s+:(.*)$/m.exec(output) ?? [];
  return Object.fromEntries(Array.from(counts.matchAll(/(\w+)=(\d+)/g), ([, name, count]) => [name, Number(count)]));
}

describe.skipIf(!hasAnsible)('the playbook', () => {
  test('is accepted by ansible-playbook --syntax-check, whatever hosts are called', async () => {
    const odd = hostileTexts.map((text, index) => ({ ...recycling(`h${index}${text}`, 1), hostname: `h${index}` }));
    const named = ['1e3', 'no', '012', '2001:db8::1', '10.0.0.7'].map(name => ({
      ...recycling(name, 1),
      hostname: 'n',
    }));
    const { work, playbook } = await planned([recycling('web01', 1), ...named, ...odd]);
    const { status, stdout, stderr } = spawnSync(
      'ansible-playbook',
      ['-i', join(work, 'hosts'), '--syntax-check', playbook],
      { encoding: 'utf8', env: { ...process.env, HOME: work } },
    );
    expect({ status, stdout, stderr: stderr.replace(/\[WARNING\].*\n/g, '').trim() }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('playbook.yml'),
    });
  });
});

describe.skipIf(!hasAnsible || missing !== null)('the playbook on a host', () => {
  const files = {
    [running]: '1\n',
    '/etc/sysctl.conf': '# of old\nnet.ipv4.tcp_tw_recycle = 1\n',
    '/etc/sysctl.d/30-tuning.conf': 'net.ipv4.tcp_tw_recycle=1\n',
  };

  test('--check runs the check of the script and changes nothing; then it changes, once, and the second time nothing', async () => {
    const { work, playbook } = await planned([recycling('web01', 59.5), recycling('db1', 1)]);
    const host = madeHost(files);
    try {
      const play = (more: string) =>
        host.run(`${environment(work)}\ncd /\nansible-playbook -i ${work}/hosts ${more} ${playbook}`);
      const before = host.etc();
      const checked = play('--check');
      expect(checked.output).toContain('comment out /etc/sysctl.conf:2');
      expect(checked.output).not.toContain('@synaudit');
      expect(recap(checked.output)).toMatchObject({ changed: 1, failed: 0, unreachable: 0 });
      expect(host.etc()).toEqual(before);
      expect(readFileSync(host.at(running), 'utf8')).toBe('1\n');

      expect(recap(play('').output)).toMatchObject({ changed: 1, failed: 0 });
      expect(readFileSync(host.at(running), 'utf8').trim()).toBe('0');
      expect(readFileSync(host.at('/etc/sysctl.conf'), 'utf8')).not.toMatch(/^net/m);

      expect(recap(play('').output)).toMatchObject({ changed: 0, failed: 0 });
      expect(recap(play('--check').output)).toMatchObject({ changed: 0, failed: 0 });
    } finally {
      host.remove();
    }
  });

  test('a host that is not of the plan fails, and is left as it is', async () => {
    const { work, playbook } = await planned([recycling('web01', 59.5)]);
    const host = madeHost({ ...files, '/proc/sys/kernel/hostname': 'other\n' });
    try {
      const before = host.etc();
      const { status, output } = host.run(`${environment(work)}\ncd /\nansible-playbook -i ${work}/hosts ${playbook}`);
      expect(status).not.toBe(0);
      expect(recap(output)).toMatchObject({ changed: 0, failed: 1 });
      expect(output).toContain('which is no host of the plan');
      expect(host.etc()).toEqual(before);
      expect(readFileSync(host.at(running), 'utf8')).toBe('1\n');
    } finally {
      host.remove();
    }
  });
});
