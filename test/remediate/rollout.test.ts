import { describe, expect, test } from 'vitest';
import type { ScriptMode, ScriptState } from '../../src/model/remediation.ts';
import {
  type HostHealth,
  type RolloutEvent,
  type RolloutHost,
  type RolloutOptions,
  type RolloutRecord,
  rolloutSchema,
  type StepEnd,
  type StepResult,
} from '../../src/model/rollout.ts';
import { type RolloutPorts, runRollout } from '../../src/remediate/rollout.ts';
import { batchSizeOf, fits, nextBatch } from '../../src/remediate/rollout-batches.ts';
import { courseOf, type RolloutCourse } from '../../src/remediate/rollout-course.ts';
import { rolloutDocument } from '../../src/remediate/rollout-document.ts';
import { gateOf } from '../../src/remediate/rollout-gate.ts';
import { isChanged } from '../../src/remediate/rollout-standing.ts';
import { rolloutDocumentSchema } from '../../src/report/rollout-schema.ts';
import fc from '../fast-check.ts';

const well: HostHealth = { problem: null, acting: [], counters: {}, probe: null };

/** What goes wrong at one call of a script. `lost-…`: the session ends before, amid or after the change. */
type Fault =
  | 'none'
  | 'not-reached'
  | 'lost-before'
  | 'lost-amid'
  | 'lost-after'
  | 'undone'
  | 'stuck'
  | 'refused'
  | 'busy';
const faults: readonly Fault[] = [
  'none',
  'not-reached',
  'lost-before',
  'lost-amid',
  'lost-after',
  'undone',
  'stuck',
  'refused',
  'busy',
];

const answer = (end: StepEnd, state: ScriptState): StepResult => ({
  end,
  exitCode: 0,
  report: { state, before: [], after: [], steps: [], problems: [] },
  because: null,
});
const silence = (end: 'lost' | 'not-reached'): StepResult => ({ end, exitCode: null, report: null, because: 'gone' });

/** Hosts as they are, whatever the log says of them. */
class Fleet {
  readonly states = new Map<string, ScriptState>();
  readonly sick = new Set<string>();
  readonly #draw: () => Fault;

  constructor(hosts: readonly RolloutHost[], draw: () => Fault) {
    this.#draw = draw;
    for (const { name } of hosts) this.states.set(name, 'none');
  }

  call(name: string, mode: ScriptMode): StepResult {
    const fault = this.#draw();
    const state = this.states.get(name) ?? 'none';
    if (fault === 'not-reached') return silence('not-reached');
    if (mode === 'check') {
      if (fault === 'busy') return answer('busy', 'busy');
      if (fault.startsWith('lost')) return silence('lost');
      return fault === 'refused'
        ? answer('refused', state)
        : answer(state === 'applied' ? 'done' : 'would-change', state);
    }
    if (mode === 'verify') {
      if (fault.startsWith('lost')) return silence('lost');
      return answer(state === 'applied' && fault !== 'stuck' ? 'done' : 'failed', state);
    }
    return mode === 'apply' ? this.#change(name, fault, 'applied') : this.#change(name, fault, 'rolled-back');
  }

  #change(name: string, fault: Fault, wanted: 'applied' | 'rolled-back'): StepResult {
    const before = this.states.get(name) ?? 'none';
    const become = (state: ScriptState): ScriptState => {
      this.states.set(name, state);
      return state;
    };
    switch (fault) {
      case 'lost-before':
        return silence('lost');
      case 'lost-amid':
        become(before === 'none' && wanted === 'rolled-back' ? 'none' : 'begun');
        return silence('lost');
      case 'lost-after':
        become(before === 'none' && wanted === 'rolled-back' ? 'none' : wanted);
        return silence('lost');
      case 'undone':
        return answer('undone', wanted === 'applied' ? become('rolled-back') : before);
      case 'stuck':
        return answer('stuck', become(before === 'none' && wanted === 'rolled-back' ? 'none' : 'begun'));
      case 'refused':
        return answer('refused', before);
      case 'busy':
        return answer('busy', 'busy');
      default:
        return answer('done', become(before === 'none' && wanted === 'rolled-back' ? 'none' : wanted));
    }
  }
}

class Crash extends Error {}

const hostsOf = (cohorts: readonly number[], serial: number | null = null): RolloutHost[] =>
  cohorts.flatMap((size, c) =>
    Array.from({ length: size }, (_, i) => ({ name: `c${c}h${i}`, cohort: `c${c}`, groups: ['web'], serial })),
  );

const usual: RolloutOptions = {
  canary: 1,
  batch: '2',
  batchSize: 2,
  maxFail: 0,
  probe: false,
  intervalSeconds: 1,
  waitMs: 3_000,
};

const startOf = (hosts: readonly RolloutHost[], options: RolloutOptions, command: 'rollout' | 'rollback' = 'rollout') =>
  ({
    type: 'rollout',
    schema: rolloutSchema,
    id: '20261122T200000Z-000001',
    command,
    plan: '20261122T190000Z-000001',
    digest: `sha256:${'0'.repeat(64)}`,
    directory: 'change',
    version: '0',
    by: { user: 'ops', host: 'admin1' },
    options,
    hosts,
  }) as const;

interface Scene {
  readonly fleet: Fleet;
  readonly records: RolloutRecord[];
  readonly course: RolloutCourse;
  /** The program dies when it writes this record, before it is on disk. */
  readonly crashAt?: number;
  readonly winding?: AbortController;
  /** Ctrl-C when this record is written. */
  readonly stopAt?: number;
}

const at = '2026-11-22T20:00:00.000Z';

function portsOf({ fleet, records, crashAt, stopAt, winding }: Scene): RolloutPorts {
  let clock = 0;
  return {
    runScript: async (host, mode) => {
      clock += 10;
      if (mode === 'apply' || mode === 'rollback') {
        const last = records.findLast(record => 'host' in record && record.host === host);
        expect(last).toMatchObject({ type: 'intent', step: mode });
      }
      return fleet.call(host, mode);
    },
    health: async (host, when) =>
      when === 'after' && fleet.sick.has(host) ? { ...well, acting: ['listen-drops'] } : well,
    record: async event => {
      if (records.length === crashAt) throw new Crash('kill -9');
      if (records.length === stopAt) winding?.abort();
      const record = { at, ...event } as RolloutRecord;
      records.push(record);
      return record;
    },
    scriptDigest: cohort => `sha256:${cohort}`,
    isWorse: () => null,
    pause: async ms => {
      clock += ms;
    },
    now: () => clock,
  };
}

async function run(scene: Scene): Promise<'ended' | 'crashed'> {
  const never = new AbortController().signal;
  try {
    const stop = { winding: scene.winding?.signal ?? never, now: never };
    await runRollout({ course: scene.course, ports: portsOf(scene), stop, concurrency: 4 });
    return 'ended';
  } catch (error) {
    if (error instanceof Crash) return 'crashed';
    throw error;
  }
}

/** A new rollout, or one that goes on with records. */
function sceneOf(fleet: Fleet, records: RolloutRecord[], first: RolloutEvent, more: Partial<Scene> = {}): Scene {
  if (records.length === 0) records.push({ at, ...first } as RolloutRecord);
  else records.push({ at, type: 'resume', by: { user: 'ops', host: 'admin1' }, version: '0' });
  const course = courseOf(records);
  if (course === null) throw new Error('no course');
  return { fleet, records, course, ...more };
}

const endOf = (records: readonly RolloutRecord[]) => {
  const last = records.at(-1);
  return last?.type === 'end' ? last : null;
};
const standings = (course: RolloutCourse): Record<string, string> =>
  Object.fromEntries([...course.hosts].map(([name, { standing }]) => [name, standing]));

/** What must hold of any log, whatever happened. */
function checkLog(records: readonly RolloutRecord[], hosts: readonly RolloutHost[], options: RolloutOptions): void {
  const byName = new Map(hosts.map(host => [host.name, host]));
  let open: readonly string[] = [];
  let hasFailed = false;
  const proven = new Set<string>();
  for (const record of records) {
    if (record.type === 'batch') {
      const members = record.hosts.map(name => byName.get(name) as RolloutHost);
      expect(hasFailed).toBe(false);
      expect(record.hosts.length).toBeLessThanOrEqual(record.canary ? options.canary : options.batchSize);
      expect(fits(members)).toBe(true);
      // a cohort whose change nobody has seen work begins with its canary
      if (!record.canary) for (const { cohort } of members) expect(proven.has(cohort)).toBe(true);
      open = record.hosts;
    } else if (record.type === 'gate') {
      hasFailed ||= !record.passed;
      if (record.passed) for (const { name } of record.hosts) proven.add(byName.get(name)?.cohort ?? '');
    } else if (record.type === 'intent' && record.step === 'apply') {
      expect(hasFailed).toBe(false);
      expect(open).toContain(record.host);
    }
  }
}

/** What the log says of each host at the end must be true, or say that it is not known. */
function checkTruth(course: RolloutCourse, fleet: Fleet): void {
  for (const [name, { standing }] of course.hosts) {
    const truth = fleet.states.get(name);
    if (standing === 'verified') expect([name, truth]).toEqual([name, 'applied']);
    if (!isChanged(standing))
      expect([name, standing, ['none', 'rolled-back'].includes(truth ?? '')]).toEqual([name, standing, true]);
    if (course.end !== null && course.end.outcome !== 'interrupted')
      expect([
        'verified',
        'unchanged',
        'refused',
        'not-reached',
        'undone',
        'rolled-back',
        'not-rolled-back',
        'unknown',
        'waiting',
        'checked',
      ]).toContain(standing);
  }
}

test('a host that is half-changed when the program dies, and again, is asked first each time', () => {
  const hosts = hostsOf([1]);
  const by = { user: 'ops', host: 'desk' };
  const said = (result: StepResult): RolloutEvent => ({ type: 'step', host: 'c0h0', step: 'check', ...result });
  const events: readonly RolloutEvent[] = [
    startOf(hosts, usual),
    { type: 'batch', batch: 1, canary: true, hosts: ['c0h0'] },
    said(answer('would-change', 'none')),
    { type: 'intent', host: 'c0h0', step: 'apply', script: 'sha256:0' },
    { type: 'step', host: 'c0h0', step: 'apply', ...silence('lost') },
    said(answer('would-change', 'begun')),
    { type: 'resume', by, version: '1' },
    said(answer('would-change', 'begun')),
    { type: 'resume', by, version: '1' },
  ];
  const records = events.map(event => ({ ...event, at: '2026-11-23T00:00:00Z' }) as RolloutRecord);
  const standingAt = (count: number) => courseOf(records.slice(0, count))?.hosts.get('c0h0')?.standing;
  expect([5, 6, 7, 8, 9].map(standingAt)).toEqual(['asking', 'checked', 'asking', 'checked', 'asking']);
});

describe('a rollout, whatever happens', () => {
  const request = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    serial: fc.option(fc.integer({ min: 1, max: 3 })),
    canary: fc.integer({ min: 1, max: 2 }),
    batchSize: fc.integer({ min: 1, max: 4 }),
    maxFail: fc.integer({ min: 0, max: 2 }),
    // from a fleet where hardly anything fails to one where hardly anything works
    draws: fc
      .integer({ min: 1, max: 12 })
      .chain(weight =>
        fc.infiniteStream(
          fc.oneof(
            { weight, arbitrary: fc.constant<Fault>('none') },
            { weight: 3, arbitrary: fc.constantFrom(...faults) },
          ),
        ),
      ),
    sick: fc.array(fc.nat({ max: 14 }), { maxLength: 1 }),
    crashes: fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 3 }),
    stopAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: -1 }),
  });

  test('batches keep their bounds, nothing is changed after a failed gate, and the log is true, also after crashes and resumes', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ sizes, serial, sick, crashes, draws, stopAt, ...care }) => {
        const hosts = hostsOf(sizes, serial);
        const options = { ...usual, ...care };
        const fleet = new Fleet(hosts, () => draws.next().value as Fault);
        for (const i of sick) fleet.sick.add(hosts[i % hosts.length]?.name ?? '');
        const records: RolloutRecord[] = [];
        const first = startOf(hosts, options);
        for (const crashAt of [...crashes, undefined]) {
          const winding = new AbortController();
          const scene = sceneOf(fleet, records, first, {
            winding,
            stopAt,
            ...(crashAt !== undefined && { crashAt: records.length + crashAt }),
          });
          const how = await run(scene);
          // what a program that dies has in memory is what the log says
          expect(standings(courseOf(records) as RolloutCourse)).toEqual(standings(scene.course));
          if (how === 'ended') checkTruth(scene.course, fleet);
          checkLog(records, hosts, options);
          if (endOf(records)?.outcome === 'done') break;
        }
        const end = endOf(records);
        expect(end).not.toBeNull();
        expect(end?.exitCode).toBe({ done: 0, failed: 1, incomplete: 3, interrupted: 130 }[end?.outcome ?? 'done']);
        rolloutDocumentSchema.parse(rolloutDocument(courseOf(records) as RolloutCourse, records));
      }),
      { numRuns: 300 },
    );
  });

  test('a rollback leaves nothing behind on hosts that answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(
          fc.constantFrom<Fault>('none', 'none', 'none', 'lost-before', 'lost-amid', 'lost-after', 'not-reached'),
        ),
        async draws => {
          const hosts = hostsOf([4]);
          const fleet = new Fleet(hosts, () => draws.next().value as Fault);
          for (const [i, { name }] of hosts.entries()) fleet.states.set(name, i === 0 ? 'none' : 'applied');
          const records: RolloutRecord[] = [];
          const scene = sceneOf(fleet, records, startOf(hosts, { ...usual, waitMs: 600_000 }, 'rollback'));
          await run(scene);
          checkTruth(scene.course, fleet);
          const end = endOf(records);
          if (end?.outcome === 'done')
            expect([...fleet.states.values()].every(state => state === 'none' || state === 'rolled-back')).toBe(true);
          else
            expect(
              [...scene.course.hosts.values()].some(
                ({ standing }) => standing === 'not-rolled-back' || standing === 'unknown',
              ),
            ).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a rollout, case by case', () => {
  /** Runs one with faults by host and mode; each is drawn once, in order. */
  async function rollOut(
    sizes: readonly number[],
    faultsAt: Readonly<Record<string, readonly Fault[]>>,
    options: Partial<RolloutOptions> = {},
    sick: readonly string[] = [],
  ) {
    const hosts = hostsOf(sizes);
    const left = new Map(Object.entries(faultsAt).map(([key, list]) => [key, [...list]]));
    let next: Fault = 'none';
    const fleet = new Fleet(hosts, () => next);
    fleet.call = (name, mode) => {
      next = left.get(`${name} ${mode}`)?.shift() ?? 'none';
      return Fleet.prototype.call.call(fleet, name, mode);
    };
    for (const name of sick) fleet.sick.add(name);
    const records: RolloutRecord[] = [];
    const scene = sceneOf(fleet, records, startOf(hosts, { ...usual, ...options }));
    await run(scene);
    return { records, fleet, heal: () => left.clear(), standings: standings(scene.course), end: endOf(records) };
  }
  const batchesIn = (records: readonly RolloutRecord[]) =>
    records.flatMap(record =>
      record.type === 'batch' ? [`${record.canary ? 'canary ' : ''}${record.hosts.join(' ')}`] : [],
    );

  test('canary of each cohort first, then batches', async () => {
    const { records, end } = await rollOut([4, 2], {});
    expect(batchesIn(records)).toEqual(['canary c0h0', 'c0h1 c0h2', 'c0h3', 'canary c1h0', 'c1h1']);
    expect(end).toMatchObject({ outcome: 'done', exitCode: 0 });
  });

  test('a canary that is down is no canary: the next host is', async () => {
    const { records, standings: at_, end } = await rollOut([3], { 'c0h0 check': ['not-reached'] });
    expect(batchesIn(records)).toEqual(['canary c0h0', 'canary c0h1', 'c0h2']);
    expect(at_).toEqual({ c0h0: 'not-reached', c0h1: 'verified', c0h2: 'verified' });
    expect(end).toMatchObject({ outcome: 'incomplete', exitCode: 3 });
  });

  test('a gate that fails at batch 2 takes back that batch alone', async () => {
    const { standings: at_, end, fleet } = await rollOut([5], {}, {}, ['c0h2']);
    expect(at_).toEqual({
      c0h0: 'verified',
      c0h1: 'rolled-back',
      c0h2: 'rolled-back',
      c0h3: 'waiting',
      c0h4: 'waiting',
    });
    expect(fleet.states.get('c0h1')).toBe('rolled-back');
    expect(end).toMatchObject({ outcome: 'failed', exitCode: 1, because: expect.stringContaining('batch 2') });
  });

  test('one failed host is too many, unless --max-fail allows it', async () => {
    const fault = { 'c0h1 apply': ['undone'] as const };
    const strict = await rollOut([4], fault);
    expect(strict.standings).toMatchObject({ c0h1: 'undone', c0h2: 'rolled-back', c0h3: 'waiting' });
    expect(strict.end).toMatchObject({ exitCode: 1 });
    const lenient = await rollOut([4], fault, { maxFail: 1 });
    expect(lenient.standings).toMatchObject({ c0h1: 'undone', c0h2: 'verified', c0h3: 'verified' });
    expect(lenient.end).toMatchObject({ outcome: 'incomplete', exitCode: 3 });
  });

  test.each<[Fault, string]>([
    ['lost-before', 'verified'],
    ['lost-amid', 'verified'],
    ['lost-after', 'verified'],
  ])('a session %s the change: the host is asked, and the change is finished: %s', async (fault, expected) => {
    const { standings: at_, fleet } = await rollOut([1], { 'c0h0 apply': [fault] });
    expect(at_['c0h0']).toBe(expected);
    expect(fleet.states.get('c0h0')).toBe('applied');
  });

  test('a host that does not come back is unknown, the batch is rolled back, and --resume asks it first', async () => {
    const gone: Fault[] = Array.from({ length: 30 }, () => 'not-reached');
    const {
      records,
      standings: at_,
      fleet,
      heal,
    } = await rollOut([3], { 'c0h1 apply': ['lost-amid'], 'c0h1 check': ['none', ...gone] });
    expect(at_).toEqual({ c0h0: 'verified', c0h1: 'unknown', c0h2: 'rolled-back' });
    expect(fleet.states.get('c0h1')).toBe('begun');
    heal();
    const scene = sceneOf(fleet, records, startOf([], usual));
    await run(scene);
    expect(standings(scene.course)['c0h1']).toBe('rolled-back');
    expect(fleet.states.get('c0h1')).toBe('rolled-back');
    const asked = records.slice(records.findIndex(({ type }) => type === 'resume') + 1);
    expect(asked[0]).toMatchObject({ type: 'step', host: 'c0h1', step: 'check' });
  });

  test('a rollback that says it is done is not believed: the host is asked', async () => {
    const hosts = hostsOf([1]);
    const fleet = new Fleet(hosts, () => 'none');
    fleet.states.set('c0h0', 'applied');
    let rollbacks = 0;
    fleet.call = (name, mode) => {
      if (mode === 'rollback' && ++rollbacks === 1) return answer('done', 'rolled-back');
      return Fleet.prototype.call.call(fleet, name, mode);
    };
    const records: RolloutRecord[] = [];
    const scene = sceneOf(fleet, records, startOf(hosts, usual, 'rollback'));
    await run(scene);
    expect([rollbacks, fleet.states.get('c0h0'), standings(scene.course)['c0h0']]).toEqual([
      2,
      'rolled-back',
      'rolled-back',
    ]);
  });

  test('a host that was unknown when its batch passed is taken back, not changed, when it answers', async () => {
    const gone: Fault[] = Array.from({ length: 30 }, () => 'not-reached');
    const faultsAt = { 'c0h1 apply': ['lost-amid'], 'c0h1 check': ['none', ...gone] } as const;
    const { records, heal, fleet, standings: before } = await rollOut([3], faultsAt, { maxFail: 1 });
    expect(before).toEqual({ c0h0: 'verified', c0h1: 'unknown', c0h2: 'verified' });
    heal();
    const scene = sceneOf(fleet, records, startOf([], usual));
    await run(scene);
    expect(standings(scene.course)).toEqual({ c0h0: 'verified', c0h1: 'rolled-back', c0h2: 'verified' });
    expect(fleet.states.get('c0h1')).toBe('rolled-back');
  });

  test('a host that holds the change already counts as proof, and is left alone', async () => {
    const hosts = hostsOf([3]);
    const fleet = new Fleet(hosts, () => 'none');
    fleet.states.set('c0h0', 'applied');
    const records: RolloutRecord[] = [];
    await run(sceneOf(fleet, records, startOf(hosts, usual)));
    expect(batchesIn(records)).toEqual(['canary c0h0', 'c0h1 c0h2']);
    expect(records.some(record => record.type === 'intent' && record.host === 'c0h0')).toBe(false);
  });

  test('Ctrl-C finishes the open hosts and begins nothing more', async () => {
    const hosts = hostsOf([4]);
    const fleet = new Fleet(hosts, () => 'none');
    const records: RolloutRecord[] = [];
    const winding = new AbortController();
    const scene = sceneOf(fleet, records, startOf(hosts, usual), { winding });
    const ports = portsOf(scene);
    const stop = { winding: winding.signal, now: new AbortController().signal };
    const record = async (event: RolloutEvent): Promise<RolloutRecord> => {
      if (event.type === 'intent' && event.host === 'c0h1') winding.abort();
      return ports.record(event);
    };
    await runRollout({ course: scene.course, ports: { ...ports, record }, stop, concurrency: 1 });
    expect(standings(scene.course)).toEqual({ c0h0: 'verified', c0h1: 'verified', c0h2: 'waiting', c0h3: 'waiting' });
    expect(endOf(records)).toMatchObject({ outcome: 'interrupted', exitCode: 130 });
    await run(sceneOf(fleet, records, startOf([], usual)));
    expect(endOf(records)).toMatchObject({ outcome: 'done' });
  });
});

describe('batches', () => {
  test.each([
    ['10%', 400, 40],
    ['10%', 5, 1],
    ['100%', 7, 7],
    ['3', 400, 3],
    ['0', 400, undefined],
    ['0%', 400, undefined],
    ['101%', 400, undefined],
    ['ten', 400, undefined],
    ['1.5', 400, undefined],
    ['-1', 400, undefined],
  ])('%s of %i hosts', (typed, hosts, expected) => {
    expect(batchSizeOf(typed, hosts)).toBe(expected);
  });

  test('serial of a group bounds a batch, and hosts of other groups fill it', () => {
    const host = (name: string, group: string, serial: number | null): RolloutHost => ({
      name,
      cohort: 'c',
      groups: [group],
      serial,
    });
    const waiting = [host('w1', 'web', 1), host('w2', 'web', 1), host('d1', 'db', null), host('d2', 'db', null)];
    const options = { canary: 1, batchSize: 3 };
    expect(nextBatch({ waiting, proven: new Set(['c']), options }).hosts.map(({ name }) => name)).toEqual([
      'w1',
      'd1',
      'd2',
    ]);
  });
});

describe('the gate of one host', () => {
  const judge = (before: Partial<HostHealth>, after: Partial<HostHealth>, isWorse = (): string | null => null) =>
    gateOf('web01', { before: { ...well, ...before }, after: { ...well, ...after } }, isWorse);

  test.each<[string, Partial<HostHealth>, Partial<HostHealth>, boolean]>([
    ['nothing acts', {}, {}, true],
    ['the same acts as before', { acting: ['listen-drops'] }, { acting: ['listen-drops'] }, true],
    ['another cause acts', { acting: ['listen-drops'] }, { acting: ['listen-drops', 'syn-queue-full'] }, false],
    ['the counter stands still', {}, { counters: { 'TcpExt.PAWSPassive': { value: 5, rise: 0 } } }, true],
    ['the counter rises', {}, { counters: { 'TcpExt.PAWSPassive': { value: 9, rise: 4 } } }, false],
    ['nobody knows what the counter does', {}, { counters: { 'TcpExt.PAWSPassive': { value: 9, rise: null } } }, false],
    ['it cannot be audited any more', {}, { problem: 'no route to host' }, false],
    ['connections cannot be tried again', { probe: { attempts: 60, failed: 0 } }, {}, false],
  ])('%s', (_, before, after, passed) => {
    expect(judge(before, after).passed).toBe(passed);
  });

  test('connections that fail more often fail it, with the numbers', () => {
    const probes = [{ probe: { attempts: 60, failed: 0 } }, { probe: { attempts: 60, failed: 30 } }] as const;
    expect(judge(...probes, () => 'Worse.')).toMatchObject({ passed: false, because: ['Worse.'] });
    expect(judge(...probes).because).toEqual(['30 of 60 connections failed.']);
  });
});
