import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PlannedHost } from '../engine/run.ts';
import type { Host, Inventory } from '../model/host.ts';
import { type Complaint, InputError } from '../model/input-error.ts';
import { type Deadlines, defaultDeadlines } from '../model/plan.ts';
import type { ConnectionFlags, PlanInputs } from '../plan/inputs.ts';
import { planHost } from '../plan/resolve.ts';
import type { SshConfig } from '../plan/ssh-config.ts';
import { hostKeyMode, type OptionReader } from './settings.ts';
import { expandHome, stateDirectory, type World } from './world.ts';

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
    transport: read.choice('transport', ['ssh2', 'local']),
  };
  const { connectMs, hostMs, ...others } = defaultDeadlines;
  return {
    flags: withoutUndefined(flags),
    deadlines: {
      ...others,
      connectMs: read.duration('connectTimeout') ?? connectMs,
      hostMs: read.duration('hostTimeout') ?? hostMs,
    },
  };
}

/** Where hosts may come from, and how they are reached. */
export interface PlanningInput {
  /** Of the whole inventory: jump hosts may be among those not selected. */
  readonly inventory: Inventory;
  readonly sshConfig: SshConfig;
  readonly connection: Connection;
  readonly world: World;
}

/** Resolves every host before the first is visited. Throws InputError with every complaint. */
export function planHosts(hosts: readonly Host[], input: PlanningInput): PlannedHost[] {
  const inputs = planInputs(input);
  const complaints: Complaint[] = [];
  const planned = hosts.flatMap(host => {
    try {
      return [{ host, plan: planHost(host, inputs) }];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
      return [];
    }
  });
  if (complaints.length > 0) throw new InputError(complaints);
  return planned;
}

function planInputs({ inventory, sshConfig, connection, world }: PlanningInput): PlanInputs {
  const { env, home, userName } = world;
  const agentSocket = connection.isAlone === true ? undefined : env['SSH_AUTH_SOCK'];
  const surroundings = {
    home,
    localUser: userName,
    stateDir: stateDirectory(world),
    variable: (name: string) => env[name],
  };
  return {
    flags: connection.flags,
    config: sshConfig,
    hosts: new Map(inventory.hosts.map(host => [host.name, host])),
    surroundings: agentSocket === undefined || agentSocket === '' ? surroundings : { ...surroundings, agentSocket },
    deadlines: connection.deadlines,
    fileExists: connection.isAlone === true ? () => false : remembered(existsSync),
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
