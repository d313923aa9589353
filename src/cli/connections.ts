import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { PlannedHost } from '../engine/run.ts';
import { algorithmProfiles, type Host, type Inventory, transportNames } from '../model/host.ts';
import { type Complaint, complaintLine, InputError } from '../model/input-error.ts';
import { type ConnectPlan, type Deadlines, defaultDeadlines } from '../model/plan.ts';
import { type Explanation, explain } from '../plan/explain.ts';
import type { ConnectionFlags, PlanInputs } from '../plan/inputs.ts';
import { answerWith } from '../plan/questions.ts';
import { planHost, planWithOptions } from '../plan/resolve.ts';
import type { SshConfig } from '../plan/ssh-config.ts';
import { hostKeyMode, type OptionReader } from './settings.ts';
import { respondentOf, surroundingsOf } from './surroundings.ts';
import { expandHome, type World } from './world.ts';

/** What flags say of connections. */
export interface Connection {
  readonly flags: ConnectionFlags;
  readonly deadlines: Deadlines;
  /** Leave the agent and ssh's default keys out: the demo's fleet takes its own key alone. */
  readonly isAlone?: boolean;
}

export function connectionSettings(read: OptionReader, world: World): Connection {
  const path = (name: 'identity' | 'knownHosts') => {
    const value = read.text(name);
    return value === undefined ? undefined : resolve(expandHome(value, world));
  };
  const flags = {
    user: read.text('user'),
    identity: path('identity'),
    jump: read.text('jump'),
    knownHosts: path('knownHosts'),
    hostKeys: hostKeyMode(read),
    transport: read.choice('transport', transportNames),
    algorithms: read.choice('algorithms', algorithmProfiles),
    sshConfig: sshConfigFile(read, world),
    sudo: read.isOn('sudo') || undefined,
    connectTimeoutMs: read.duration('connectTimeout'),
  };
  const hostMs = read.duration('hostTimeout') ?? defaultDeadlines.hostMs;
  return { flags: withoutUndefined(flags), deadlines: { ...defaultDeadlines, hostMs } };
}

/**
 * What `ssh` itself must be told to read what we have read. It looks for its files in the home directory of the account,
 * not in $HOME.
 */
function sshConfigFile(read: OptionReader, world: World): string | undefined {
  const named = read.text('sshConfig');
  if (named !== undefined) return named === 'none' ? named : resolve(expandHome(named, world));
  if (resolve(world.home) === resolve(userInfo().homedir)) return undefined;
  const own = join(world.home, '.ssh', 'config');
  return existsSync(own) ? own : 'none';
}

/** Where hosts may come from, and how they are reached. */
export interface PlanningInput {
  /** Of the whole inventory: jump hosts may be among those not selected. */
  readonly inventory: Inventory;
  readonly sshConfig: SshConfig;
  readonly connection: Connection;
  readonly world: World;
}

/**
 * Resolves every host before the first is visited. What ssh_config asks of the machine is asked for many hosts at a time.
 * Rejects with an InputError with every complaint, each once.
 */
export async function planHosts(hosts: readonly Host[], input: PlanningInput): Promise<PlannedHost[]> {
  const inputs = planInputs(input);
  const respondent = respondentOf(input.world);
  const complaints = new Map<string, Complaint>();
  const planned = await Promise.all(
    hosts.map(async host => {
      try {
        return [{ host, plan: await answerWith(planHost(host, inputs), respondent) }];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        for (const complaint of error.complaints) complaints.set(complaintLine(complaint), complaint);
        return [];
      }
    }),
  );
  if (complaints.size > 0) throw new InputError(firstOf([...complaints.values()]));
  return planned.flat();
}

/** One mistake in ssh_config can be one of each of ten thousand hosts. */
const maxComplaints = 50;

const firstOf = (complaints: readonly Complaint[]): readonly Complaint[] =>
  complaints.length <= maxComplaints
    ? complaints
    : [...complaints.slice(0, maxComplaints), { message: `and ${complaints.length - maxComplaints} more like these` }];

/** One host, with where each value comes from. */
export async function explainHost(host: Host, input: PlanningInput): Promise<ExplainedHost> {
  const inputs = planInputs(input);
  const respondent = respondentOf(input.world);
  const found = await answerWith(planWithOptions(host, inputs), respondent);
  return { plan: found.plan, explanation: await answerWith(explain({ host, ...found }, inputs), respondent) };
}

export interface ExplainedHost {
  readonly plan: ConnectPlan;
  readonly explanation: Explanation;
}

function planInputs({ inventory, sshConfig, connection, world }: PlanningInput): PlanInputs {
  const isAlone = connection.isAlone === true;
  return {
    flags: connection.flags,
    config: sshConfig,
    hosts: new Map(inventory.hosts.map(host => [host.name, host])),
    surroundings: surroundingsOf(world, { isAlone }),
    deadlines: connection.deadlines,
    fileExists: isAlone ? () => false : remembered(existsSync),
  };
}

/** Thousands of hosts ask for the same few default keys. */
function remembered(ask: (path: string) => boolean): (path: string) => boolean {
  const answers = new Map<string, boolean>();
  return path => {
    const answer = answers.get(path) ?? ask(path);
    answers.set(path, answer);
    return answer;
  };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>;
}
