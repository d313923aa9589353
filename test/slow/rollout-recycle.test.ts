import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolloutDocumentSchema } from '../../src/report/rollout-schema.ts';
import { bareHost, plantTree } from '../collect/tree.ts';
import { cohortOf, type Fleet, startFleet, writePlan } from '../netns/changeable.ts';

// Namespaces are root's.
const asRoot = process.getuid?.() === 0;

const netstat = (rejected: number): string => `TcpExt: PAWSPassive ListenDrops\nTcpExt: ${rejected} 7\n`;

describe.skipIf(!asRoot)('a rollout of tcp_tw_recycle=0 on hosts with the /proc of an el7 kernel', () => {
  let fleet: Fleet;
  const names = ['h1', 'h2'];
  const trees = new Map(
    names.map(name => [
      name,
      plantTree({ ...bareHost, 'proc/sys/kernel/hostname': `${name}\n`, 'proc/sys/kernel/ostype': 'Linux\n' }),
    ]),
  );
  const file = (name: string, path: string): string => join(trees.get(name)?.root ?? '', 'proc', path);
  const recycle = (name: string): string => readFileSync(file(name, 'sys/net/ipv4/tcp_tw_recycle'), 'utf8').trim();
  const cohort = cohortOf(names, { 'net.ipv4.tcp_tw_recycle': ['1', '0'] }, 'c1-tw-recycle');
  const cohorts = [{ ...cohort, changes: cohort.changes.map(change => ({ ...change, rules: ['tw-recycle'] })) }];

  beforeAll(async () => {
    fleet = await startFleet(2, '# old advice\nnet.ipv4.tcp_tw_recycle = 1\n', {
      proc: name => join(trees.get(name)?.root ?? '', 'proc'),
    });
  });
  afterAll(async () => {
    await fleet.close();
    for (const tree of trees.values()) tree.remove();
  });

  test('PAWSPassive stands still: the gate passes, and the next boot keeps the value', async () => {
    const plan = await writePlan(fleet, cohorts);
    const done = await fleet.run(['rollout', plan.path, '--yes', '--interval', '1', '-f', 'json']);
    expect([done.exitCode, done.stderr]).toEqual([0, expect.stringContaining('gate of batch 2 passed')]);
    const { hosts, gates } = rolloutDocumentSchema.parse(JSON.parse(done.stdout));
    expect(hosts[0]).toMatchObject({
      health: { after: { counters: { 'TcpExt.PAWSPassive': { value: 5, rise: 0 } } } },
    });
    expect(gates[0]?.hosts[0]?.because).toContain('TcpExt.PAWSPassive stands still at 5.');
    expect(names.map(recycle)).toEqual(['0', '0']);
    for (const { name, sh } of fleet.hosts) {
      writeFileSync(file(name, 'sys/net/ipv4/tcp_tw_recycle'), '0\n'); // the kernel's own default
      sh('sysctl -q --system 2>/dev/null || :');
    }
    expect(names.map(recycle)).toEqual(['0', '0']);
    expect(await fleet.run(['rollback', plan.path, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(fleet.hosts.map(({ sh }) => sh('cat /etc/sysctl.conf'))).toEqual(
      Array(2).fill('# old advice\nnet.ipv4.tcp_tw_recycle = 1\n'),
    );
    expect(names.map(recycle)).toEqual(['1', '1']);
  });

  test('PAWSPassive still rises: the gate fails, the canary is rolled back, the other host is not touched', async () => {
    let count = 10;
    const rising = setInterval(() => writeFileSync(file('h1', 'net/netstat'), netstat(count++)), 100);
    const plan = await writePlan(fleet, cohorts);
    const failed = await fleet.run(['rollout', plan.path, '--yes', '--interval', '1', '-f', 'json']);
    clearInterval(rising);
    expect(failed.exitCode).toBe(1);
    const { hosts, gates } = rolloutDocumentSchema.parse(JSON.parse(failed.stdout));
    expect(hosts.map(({ name, standing }) => `${name} ${standing}`)).toEqual(['h1 rolled-back', 'h2 waiting']);
    expect(gates[0]?.because[0]).toMatch(/^h1: TcpExt\.PAWSPassive still rises: by \d+ to \d+ between the samples\.$/);
    expect(names.map(recycle)).toEqual(['1', '1']);
  });
});
