import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlanDirectory } from '../../src/cli/plan-directory.ts';
import { liveTree } from '../../src/demo/live-tree.ts';
import { machines } from '../../src/demo/machines.ts';
import { recordedPlan } from '../../src/history/plans.ts';
import { createLineWriter } from '../../src/history/records.ts';
import { rolloutSchema } from '../../src/model/rollout.ts';
import type { Finding, Remedy } from '../../src/model/rule.ts';
import type { HostResult, RunEvent } from '../../src/model/run.ts';
import { hostileTexts, saying } from '../report/hostile.ts';
import { eventsOf, failed, recycling, result, run } from '../report/results.ts';
import { type Called, call, freshDirectory } from './call.ts';

const recycle = 'net.ipv4.tcp_tw_recycle';

/** A home whose store holds a run with these results, and a place to write to. */
function homeWith(results: readonly HostResult[], isEnded = true) {
  const home = freshDirectory();
  const state = join(home, '.local/state/synaudit');
  mkdirSync(join(state, 'runs'), { recursive: true });
  const line = createLineWriter(Date.now);
  const events: readonly RunEvent[] = eventsOf(results).filter(({ type }) => isEnded || type !== 'end');
  writeFileSync(join(state, 'runs', `${run.id}.ndjson`), events.map(line).join(''));
  const out = join(home, 'plan');
  return {
    home,
    out,
    plans: join(state, 'plans'),
    fix: (...args: string[]): Promise<Called> => call(['fix', '--out', out, ...args], { home }),
  };
}

const fleet = [
  recycling('web01', 59.5),
  recycling('web02', 9),
  { ...recycling('db1', 1), groups: ['db'] },
  failed('old1', 'unreachable'),
  result('api1'),
];

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(directory, name)).isFile())
    .sort();

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

function fill(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}

/** The same bytes, behind a link. */
function linked(path: string): void {
  renameSync(path, `${path}.real`);
  symlinkSync(`${path}.real`, path);
}

describe('fix', () => {
  test('writes the plan for its owner alone, prints and records the digest, and leaves nothing beside', async () => {
    const { home, out, plans, fix } = homeWith(fleet);
    const { exitCode, stdout, stderr } = await fix();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(filesBelow(out)).toEqual([
      'README.md',
      'ansible/playbook.yml',
      'plan.json',
      'scripts/c1-tw-recycle.sh',
      'sysctl.d/c1-tw-recycle.conf',
    ]);
    expect(
      ['', 'scripts', 'scripts/c1-tw-recycle.sh', 'plan.json', 'README.md'].map(path => modeOf(join(out, path))),
    ).toEqual(['700', '700', '700', '600', '600']);
    expect(readdirSync(home).sort()).toEqual(['.local', 'plan']);

    const digest = `sha256:${sha256(readFileSync(join(out, 'plan.json')))}`;
    expect(stdout).toContain(`digest  ${digest}\n`);
    expect(stdout).toContain(`synaudit rollout ${out}\n`);
    expect(stdout).toContain('net.ipv4.tcp_tw_recycle 1 -> 0 (critical: tw-recycle)');
    expect(stdout).toContain('on db1,web[01-02]');
    expect(stdout).toContain('1 cohort, 3 hosts, 3 changes; no host was changed');
    expect(stdout).toContain('not audited, hence not in it: old1');

    const { plan } = await readPlanDirectory(out);
    expect(await recordedPlan(plans, digest)).toEqual({
      id: plan.id,
      digest,
      directory: out,
      recordedAt: plan.createdAt,
      user: 'tester',
      run: run.id,
    });
    expect([modeOf(plans), modeOf(join(plans, `${plan.id}.json`))]).toEqual(['700', '600']);
    expect(await recordedPlan(plans, `sha256:${'0'.repeat(64)}`)).toBeUndefined();
  });

  test('json says the same', async () => {
    const { out, fix } = homeWith(fleet);
    const document = JSON.parse((await fix('-f', 'json')).stdout);
    expect(document).toMatchObject({
      run: run.id,
      directory: out,
      digest: `sha256:${sha256(readFileSync(join(out, 'plan.json')))}`,
      recorded: true,
      cohorts: [{ id: 'c1-tw-recycle', hosts: ['db1', 'web01', 'web02'] }],
      byHand: [],
      leftOut: { waived: 0, notAudited: 'old1' },
    });
  });

  test.each<[string, string[], string[]]>([
    ['a group', ['-l', 'db'], ['db1']],
    ['all but one', ['-l', 'all,!web01'], ['db1', 'web02']],
    ['a rule', ['--rule', 'tw-recycle'], ['db1', 'web01', 'web02']],
    ['a key, written with slashes', ['--only', 'net/ipv4/tcp_tw_recycle'], ['db1', 'web01', 'web02']],
    ['a severity', ['--severity', 'critical'], ['db1', 'web01', 'web02']],
  ])('%s', async (_name, args, hosts) => {
    const { stdout } = await homeWith(fleet).fix(...args, '-f', 'json');
    expect(JSON.parse(stdout).cohorts.flatMap((cohort: { hosts: string[] }) => cohort.hosts)).toEqual(hosts);
  });

  test.each<[string, HostResult[], string[], RegExp]>([
    ['a healthy fleet', [result('api1')], [], /^nothing to fix in run \S+: nothing was written\n/],
    ['a rule that found nothing', fleet, ['--rule', 'rfc1337'], /^nothing to fix/],
    [
      'work for people only',
      [{ ...recycling('a', 1), hostname: null }],
      [],
      /that a script could do.*by hand:.*audit them again/s,
    ],
  ])('%s: nothing to write, said, and no failure', async (_name, results, args, words) => {
    const { out, plans, fix } = homeWith(results);
    const { exitCode, stdout } = await fix(...args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(words);
    expect([existsSync(out), existsSync(plans)]).toEqual([false, false]);
  });

  test.each<[string, string[], string]>([
    ['an unknown rule', ['--rule', 'tw-recycl'], 'there is no rule "tw-recycl"; did you mean tw-recycle?'],
    ['an unknown severity', ['--severity', 'bad'], '--severity: expected one of critical'],
    ['a key that is none', ['--only', '../x'], '--only: expected a sysctl key'],
    ['an unknown host', ['-l', 'web9'], 'no host or group matches "web9"'],
  ])('%s is bad input, and nothing is written', async (_name, args, words) => {
    const { out, fix } = homeWith(fleet);
    const { exitCode, stderr } = await fix(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
    expect(existsSync(out)).toBe(false);
  });

  test('a directory must be named', async () => {
    const { home } = homeWith(fleet);
    expect(await call(['fix'], { home })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--out DIR') });
  });

  test('a key that no finding asks for, and a run that did not end, are remarked on', async () => {
    const { fix } = homeWith(fleet, false);
    const { stderr } = await fix('--only', 'net.core.somaxconn');
    expect(stderr).toContain(`no finding of run ${run.id} asks for net.core.somaxconn`);
    expect(stderr).toContain(`run ${run.id} did not end: 5 of 5 hosts are in it`);
  });

  test('a long list of hosts is cut, and whole with -v', async () => {
    const many = Array.from({ length: 120 }, (_, i) =>
      recycling(`h${String.fromCharCode(97 + (i % 26))}${i * 7}x${i}`, 1),
    );
    const { fix } = homeWith(many);
    expect((await fix()).stdout).toMatch(/^ {2}on h.*…$/ms);
    expect((await fix('--force', '-v')).stdout).not.toContain('…');
  });

  test('whatever a host says: bounded, no control characters, a plan that reads again', async () => {
    const texts = hostileTexts.map((text, index) => ({
      ...saying(text),
      name: `h${index}${text}`,
      hostname: text,
      outcome: 'audited' as const,
    }));
    const { out, fix } = homeWith([...fleet, ...texts]);
    const { exitCode, stdout } = await fix();
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(stdout.length).toBeLessThan(100_000);
    expect((await readPlanDirectory(out)).plan.cohorts.map(({ id }) => id)).toEqual(['c1-tw-recycle']);
  });

  test('whatever is said of hosts that are changed: scripts that sh accepts, and a plan that reads again', async () => {
    const hosts = hostileTexts.map((text, index) => {
      const host = recycling(`h${index}${text}`, 1);
      const [finding] = host.findings as [Finding];
      const remedy = { ...(finding.remedy as Remedy), summary: text, risk: text };
      return {
        ...host,
        hostname: `h${index}`,
        kernel: text,
        findings: [{ ...finding, title: text, because: text, remedy }],
        settings: { [recycle]: { value: '1', boot: { value: text, file: `/etc/${text}`, line: 1 } } },
      };
    });
    const { out, fix } = homeWith(hosts);
    expect((await fix()).exitCode).toBe(0);
    const { plan, scripts } = await readPlanDirectory(out);
    expect(plan.cohorts.map(({ hosts: planned }) => planned.length)).toEqual([hosts.length]);
    for (const script of scripts.values()) execFileSync('sh', ['-n'], { input: script });
  });
});

test('from files of a host to the plan: what it calls itself, what runs, and who sets it at boot', async () => {
  const home = freshDirectory();
  const root = join(home, 'web01');
  await liveTree({ kind: machines.firing, number: 0, bootId: randomUUID(), hostname: 'web01.demo' }, root, () => 0);
  await call(['ingest', root], { home });
  await call(['fix', '--out', join(home, 'plan'), '--rule', 'tw-recycle'], { home });
  expect((await readPlanDirectory(join(home, 'plan'))).plan.cohorts).toMatchObject([
    {
      id: 'c1-tw-recycle',
      changes: [{ key: recycle, from: '1', to: '0', because: expect.stringMatching(/^web01: .*PAWSPassive/) }],
      hosts: [
        {
          name: 'web01',
          hostname: 'web01.demo',
          boot: { [recycle]: { value: '1', file: '/etc/sysctl.d/30-tuning.conf' } },
        },
      ],
    },
  ]);
});

describe('where it writes', () => {
  test('an empty directory is filled, one that is not is left alone', async () => {
    const { out, fix } = homeWith(fleet);
    mkdirSync(out);
    expect((await fix()).exitCode).toBe(0);
    const before = filesBelow(out).map(name => sha256(readFileSync(join(out, name))));
    expect(await fix()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--force replaces it') });
    expect(filesBelow(out).map(name => sha256(readFileSync(join(out, name))))).toEqual(before);
  });

  test('--force replaces a plan, with all that belonged to it', async () => {
    const { home, out, fix } = homeWith(fleet);
    await fix();
    const before = readFileSync(join(out, 'plan.json'));
    writeFileSync(join(out, 'scripts/c7-old.sh'), '');
    expect((await fix('--force')).exitCode).toBe(0);
    expect(readFileSync(join(out, 'plan.json'))).not.toEqual(before);
    expect(existsSync(join(out, 'scripts/c7-old.sh'))).toBe(false);
    expect(readdirSync(home).sort()).toEqual(['.local', 'plan']);
  });

  test('a plan that is on hosts is not replaced: its scripts are the way back', async () => {
    const { home, out, fix } = homeWith(fleet);
    await fix();
    const { plan } = await readPlanDirectory(out);
    const host = { name: 'web01', cohort: 'c1', groups: [], serial: null };
    const logs = join(home, '.local/state/synaudit/rollouts');
    mkdirSync(logs);
    const begun = [
      { type: 'rollout', schema: rolloutSchema, command: 'rollout', plan: plan.id, options: {}, hosts: [host] },
      { type: 'batch', batch: 1, canary: true, hosts: ['web01'] },
      { type: 'intent', host: 'web01', step: 'apply', script: 'sha256:11' },
    ];
    const report = { state: 'none', before: [], after: [], steps: [], problems: [] };
    const undone = { type: 'step', host: 'web01', step: 'apply', end: 'undone', report, because: null };
    const log = (records: readonly object[]): void => {
      const lines = records.map(record => `${JSON.stringify({ at: '2026-11-22T20:00:00.000Z', ...record })}\n`);
      writeFileSync(join(logs, '20261122T200000Z-000001.ndjson'), lines.join(''));
    };
    log(begun);
    expect(await fix('--force')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('its plan is on web01'),
    });
    expect((await readPlanDirectory(out)).plan.id).toBe(plan.id);
    log([...begun, undone]);
    expect((await fix('--force')).exitCode).toBe(0);
  });

  test.each<[string, (out: string) => void, string]>([
    ['a file', out => writeFileSync(out, ''), 'is no directory'],
    ['a directory with something else', out => fill(out, { 'notes.txt': 'mine' }), 'holds no plan'],
    [
      'a plan with something beside it',
      out => fill(out, { 'plan.json': '{"schema":"synaudit/plan/1"}', 'notes.txt': 'mine' }),
      'holds "notes.txt" beside its plan',
    ],
  ])('%s is refused, with --force too, and left as it is', async (_name, make, words) => {
    const { out, fix } = homeWith(fleet);
    make(out);
    expect(await fix('--force')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
    if (existsSync(join(out, 'notes.txt'))) expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('the directory that one is in is refused', async () => {
    const { home } = homeWith(fleet);
    const { exitCode, stderr } = await call(['fix', '--out', '.'], { home });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('that you are in') });
  });

  test('a parent that is not there: no internal error, nothing left behind', async () => {
    const { home } = homeWith(fleet);
    const { exitCode, stderr } = await call(['fix', '--out', join(home, 'no/such/plan')], { home });
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining('no such file') });
    expect(readdirSync(home)).toEqual(['.local']);
  });

  test('where the store cannot be written the plan stands, and it is said what a rollout needs', async () => {
    const { out, plans, fix } = homeWith(fleet);
    writeFileSync(plans, 'in the way');
    const { exitCode, stderr } = await fix();
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`a rollout needs --plan-digest sha256:${sha256(readFileSync(join(out, 'plan.json')))}`);
  });
});

describe('reading a plan back', () => {
  test('gives the plan, its digest and the bytes of its scripts, which sh accepts', async () => {
    const { out, fix } = homeWith(fleet);
    await fix();
    const { plan, digest, scripts } = await readPlanDirectory(out);
    const script = readFileSync(join(out, 'scripts/c1-tw-recycle.sh'));
    expect(scripts.get('c1-tw-recycle')).toEqual(script);
    expect(plan.files['scripts/c1-tw-recycle.sh']).toBe(sha256(script));
    expect(digest).toBe(`sha256:${sha256(readFileSync(join(out, 'plan.json')))}`);
    execFileSync('sh', ['-n'], { input: script });
  });

  const append = (path: string) => writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
  const edit = (path: string, from: string, to: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
  test.each<[string, (out: string) => void, string]>([
    [
      'a script with one more byte',
      out => append(join(out, 'scripts/c1-tw-recycle.sh')),
      'scripts/c1-tw-recycle.sh: is not what',
    ],
    ['a README with one more byte', out => append(join(out, 'README.md')), 'README.md: is not what'],
    [
      'a playbook that was edited',
      out => edit(join(out, 'ansible/playbook.yml'), '10%', '100%'),
      'ansible/playbook.yml: is not what',
    ],
    [
      'another script',
      out => writeFileSync(join(out, 'scripts/c2-mine.sh'), 'reboot'),
      'scripts/c2-mine.sh: is not part of the plan',
    ],
    ['no script', out => renameSync(join(out, 'scripts'), join(out, 'gone')), 'scripts/c1-tw-recycle.sh: no such file'],
    ['a link', out => linked(join(out, 'README.md')), 'README.md: is a link'],
    ['no plan.json', out => renameSync(join(out, 'plan.json'), join(out, 'gone')), 'plan.json: no such file'],
    ['a plan.json that is cut', out => edit(join(out, 'plan.json'), '}', ''), 'plan.json: no plan of synaudit fix'],
    [
      'an id that leads elsewhere',
      out => edit(join(out, 'plan.json'), '"id": "2', '"id": "../2'),
      'plan.json: no plan of synaudit fix: id',
    ],
    [
      'a file outside',
      out => edit(join(out, 'plan.json'), '"README.md"', '"../README.md"'),
      '"../README.md" is no file of a plan',
    ],
    [
      'a script without a checksum',
      out => edit(join(out, 'plan.json'), '"scripts/c1', '"sysctl.d/c1'),
      'sysctl.d/c1-tw-recycle.sh: no such file',
    ],
  ])('%s is refused, by the name of its file', async (_name, spoil, words) => {
    const { out, fix } = homeWith(fleet);
    await fix();
    spoil(out);
    await expect(readPlanDirectory(out)).rejects.toThrow(words);
  });

  test('a directory that is a plan no more after one byte of a value', async () => {
    const { out, fix } = homeWith(fleet);
    await fix();
    const { digest } = await readPlanDirectory(out);
    chmodSync(join(out, 'plan.json'), 0o600);
    edit(join(out, 'plan.json'), '"risk": "T', '"risk": "t');
    expect((await readPlanDirectory(out)).digest).not.toBe(digest);
  });
});
