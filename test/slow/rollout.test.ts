import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolloutDocumentSchema } from '../../src/report/rollout-schema.ts';
import { cohortOf, type Fleet, startFleet, writePlan } from '../netns/changeable.ts';

// Namespaces are root's.
const asRoot = process.getuid?.() === 0;

/** What the hosts' /etc/sysctl.conf says: it would win over a drop-in at the next boot. */
const sysctlConf = '# tuned by hand\r\nnet.core.somaxconn=512\nnet.ipv4.tcp_syncookies = 0\n\n-net.ipv4.tcp_tw_reuse=0';

const changes = {
  'net.core.somaxconn': ['512', '4096'],
  'net.ipv4.tcp_syncookies': ['0', '1'],
  'net.ipv4.tcp_tw_reuse': ['0', '2'],
} as const;

describe.skipIf(!asRoot)('a rollout on real hosts with real settings', () => {
  let fleet: Fleet;
  const names = ['h1', 'h2', 'h3'];
  const keys = Object.keys(changes).join(' ');
  const values = (): string[] => fleet.hosts.map(({ sh }) => sh(`sysctl -n ${keys}`).trim().split('\n').join(' '));
  /** Every file that a boot reads: name, mode, owner, time and content. */
  const filesOf = (i: number): string =>
    fleet.hosts[i]?.sh(
      'cd /etc && find . -path "./sysctl*" ! -type d -printf "%p %M %U %G %t %l\\n" | sort && md5sum sysctl.conf',
    ) ?? '';

  beforeAll(async () => {
    fleet = await startFleet(3, sysctlConf);
    for (const { sh } of fleet.hosts) sh('sysctl -q --system');
  });
  afterAll(() => fleet.close());

  test('dry run, rollout, the next boot, the trail, rollback: values and files change, hold, and come back', async () => {
    const plan = await writePlan(fleet, [cohortOf(names, changes)]);
    const [before, files] = [values(), [0, 1, 2].map(filesOf)];
    expect(before).toEqual(Array(3).fill('512 0 0'));

    const dry = await fleet.run(['rollout', plan.path, '--dry-run']);
    expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('would change') });
    expect([values(), [0, 1, 2].map(filesOf)]).toEqual([before, files]);

    const asked = await fleet.run(['rollout', plan.path], { answer: 'n' });
    expect(asked.exitCode).toBe(2);
    for (const words of [
      'net.core.somaxconn 512 → 4096',
      'on 3: h[1-3]; first h1',
      'change 3 hosts? [y/N]',
      'nothing was changed',
    ])
      expect(asked.stdout).toContain(words);
    expect([values(), [0, 1, 2].map(filesOf)]).toEqual([before, files]);

    const done = await fleet.run(['rollout', plan.path, '--yes', '--batch', '2', '--interval', '1', '-f', 'json']);
    expect(done).toMatchObject({ exitCode: 0 });
    const document = rolloutDocumentSchema.parse(JSON.parse(done.stdout));
    expect(document.gates.map(({ passed, hosts }) => [passed, hosts.map(({ name }) => name)])).toEqual([
      [true, ['h1']],
      [true, ['h2', 'h3']],
    ]);
    expect(document.hosts[0]).toMatchObject({
      standing: 'verified',
      batch: 1,
      settings: expect.arrayContaining([
        expect.objectContaining({
          key: 'net.core.somaxconn',
          before: '512',
          after: '4096',
          bootBefore: expect.objectContaining({ procps: { value: '512', file: '/etc/sysctl.conf', line: 2 } }),
          bootAfter: expect.objectContaining({ procps: expect.objectContaining({ value: '4096' }) }),
        }),
      ]),
    });
    expect(values()).toEqual(Array(3).fill('4096 1 2'));
    // as the boot would: from the defaults of the kernel
    for (const { sh } of fleet.hosts)
      sh('sysctl -qw net.core.somaxconn=128 net.ipv4.tcp_syncookies=0 net.ipv4.tcp_tw_reuse=0; sysctl -q --system');
    expect(values()).toEqual(Array(3).fill('4096 1 2'));

    const [log = ''] = readdirSync(join(fleet.directory, 'state/synaudit/rollouts'));
    const file = join(fleet.directory, 'state/synaudit/rollouts', log);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain(plan.digest);
    const trail = await fleet.run(['rollout', plan.path, '--log']);
    for (const words of ['h1: apply is sent', 'net.core.somaxconn: 512 → 4096', 'gate of batch 2 passed', plan.digest])
      expect(trail.stdout).toContain(words);

    const again = await fleet.run(['rollout', plan.path, '--yes', '--interval', '1', '--transport', 'openssh']);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('h[1-3]  c1-test  unchanged') });

    const back = await fleet.run(['rollback', plan.path], { answer: 'y' });
    expect(back).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('rolled-back') });
    expect([values(), [0, 1, 2].map(filesOf)]).toEqual([before, files]);
    expect(await fleet.run(['rollback', plan.path, '--yes'])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('nothing to roll back'),
    });
  });

  test('what nobody vouched for is refused, and how to go on is said', async () => {
    const plan = await writePlan(fleet, [cohortOf(names, changes)], { isRecorded: false });
    const refused = await fleet.run(['rollout', plan.path, '--yes']);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--plan-digest') });
    const other = `sha256:${'0'.repeat(64)}`;
    expect(await fleet.run(['rollout', plan.path, '--yes', '--plan-digest', other])).toMatchObject({ exitCode: 2 });
    const signed = ['--plan-digest', plan.digest];
    expect(await fleet.run(['rollout', plan.path, ...signed])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('without a terminal'),
    });
    expect(await fleet.run(['rollout', plan.path, ...signed, '--dry-run'])).toMatchObject({ exitCode: 0 });
    writeFileSync(join(plan.path, 'scripts/c1-test.sh'), '#!/bin/sh\ntouch /etc/owned\n');
    const tampered = await fleet.run(['rollout', plan.path, '--yes', ...signed]);
    expect(tampered).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('SHA-256 differs') });
    expect(values()).toEqual(Array(3).fill('512 0 0'));
  });

  test('a host that calls itself otherwise, and one that is down, are left out; the others are changed', async () => {
    const cohort = cohortOf(names, changes);
    const [first, ...others] = cohort.hosts;
    const plan = await writePlan(fleet, [{ ...cohort, hosts: [{ ...first, hostname: 'h9' } as never, ...others] }]);
    fleet.hosts[1]?.host.run(['ip', 'link', 'set', 'eth0', 'down']);
    const done = await fleet.run([
      'rollout',
      plan.path,
      '--yes',
      '--interval',
      '1',
      '--connect-timeout',
      '1',
      '-f',
      'json',
    ]);
    fleet.hosts[1]?.host.run(['ip', 'link', 'set', 'eth0', 'up']);
    expect(done.exitCode).toBe(3);
    const document = rolloutDocumentSchema.parse(JSON.parse(done.stdout));
    expect(document.hosts.map(({ name, standing }) => `${name} ${standing}`)).toEqual([
      'h1 refused',
      'h2 not-reached',
      'h3 verified',
    ]);
    expect(document.hosts[0]?.because).toContain('no host of the plan');
    expect(values()).toEqual(['512 0 0', '512 0 0', '4096 1 2']);
    expect(await fleet.run(['rollout', plan.path, '--yes', '--resume'])).toMatchObject({ exitCode: 3 });
    expect(values()).toEqual(['512 0 0', '4096 1 2', '4096 1 2']);
    expect(await fleet.run(['rollback', plan.path, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(values()).toEqual(Array(3).fill('512 0 0'));
  });
});
