/** The same questions to the real ssh (`ssh -G`) and to our resolver, with answers in the same form. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Host, namedHost } from '../../src/model/host.ts';
import { InputError } from '../../src/model/input-error.ts';
import { defaultDeadlines } from '../../src/model/plan.ts';
import { explain } from '../../src/plan/explain.ts';
import type { ConfigReader } from '../../src/plan/include.ts';
import type { ConnectionFlags, Surroundings } from '../../src/plan/inputs.ts';
import { answerNow, type Oracle } from '../../src/plan/questions.ts';
import { planWithOptions } from '../../src/plan/resolve.ts';
import { parseSshConfig } from '../../src/plan/ssh-config.ts';
import { algorithmKeywords, parseDefaults } from '../../src/plan/ssh-lists.ts';

/** Keyword to the lines that `ssh -G` prints for it; undefined where the file is refused. */
export type Printed = ReadonlyMap<string, readonly string[]> | undefined;

/** A question to both: a file, a host, and what a command line or an inventory may add. */
export interface OracleCase {
  readonly text: string;
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  readonly address?: string;
  readonly jump?: string;
}

const ssh = (args: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } =>
  spawnSync('ssh', args, { encoding: 'utf8', input });

/** What `ssh -G -F FILE` makes of a file with this text. */
function sshWith(text: string, args: readonly string[]): ReturnType<typeof ssh> {
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-config-'));
  try {
    const file = join(directory, 'config');
    writeFileSync(file, text);
    return ssh(['-G', '-F', file, ...args]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What `ssh -G` prints. */
export function askSsh({ text, host, user, port, address, jump }: OracleCase): Printed {
  const options = [
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(address === undefined ? [] : ['-o', `HostName=${address.replaceAll('%', '%%')}`]),
    ...(jump === undefined ? [] : ['-J', jump]),
  ];
  const { status, stdout } = sshWith(text, [...options, host]);
  return status === 0 ? parseDefaults(stdout) : undefined;
}

const { username, homedir, uid } = userInfo();

export const here: Surroundings = {
  home: homedir,
  homeOf: user => (user === username ? homedir : undefined),
  localUser: username,
  userId: String(uid),
  hostName: hostname(),
  stateDir: '/state',
  variable: name => process.env[name],
  servicePort: name => ({ ssh: 22, http: 80 })[name],
  localAddresses: () => Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address)),
  sha1: text => createHash('sha1').update(text).digest('hex'),
};

const query = (what: string): readonly string[] => ssh(['-Q', what]).stdout.split('\n').filter(Boolean);

const lists = {
  defaults: parseDefaults(ssh(['-G', '-F', 'none', 'localhost']).stdout),
  supported: { kex: query('kex'), cipher: query('cipher'), mac: query('mac'), key: query('HostKeyAlgorithms') },
};

const accepted = new Map<string, boolean>();

/** The machine's own answers, but for names: nothing resolves. */
export const machine: Oracle = {
  exec: ({ command }) => {
    const { status, signal } = spawnSync(process.env['SHELL'] ?? '/bin/sh', ['-c', command], { stdio: 'ignore' });
    return status === null ? { problem: String(signal) } : { status };
  },
  resolve: () => ({ found: false }),
  accepts: ({ config }) => {
    const answer = accepted.get(config) ?? sshWith(config, ['localhost']).status === 0;
    accepted.set(config, answer);
    return answer;
  },
  lists: () => lists,
  version: () => /^[^ ,]+/.exec(ssh(['-V']).stderr)?.[0],
};

/** What our resolver makes of the same case, or why it refuses. */
export function askUs(asked: OracleCase, reader?: ConfigReader): Printed | { readonly refusal: string } {
  const { text, host: name, user, jump, port, address } = asked;
  const host: Host = {
    ...namedHost(name, { file: 'inventory.yaml', line: 1, column: 1 }),
    ...(port !== undefined && { port }),
    ...(address !== undefined && { address }),
  };
  const flags: ConnectionFlags = { ...(user !== undefined && { user }), ...(jump !== undefined && { jump }) };
  try {
    const tools = { variable: here.variable, servicePort: here.servicePort, ...(reader !== undefined && { reader }) };
    const config = answerNow(parseSshConfig([{ file: 'config', text }], tools), machine);
    const inputs = {
      flags,
      config,
      hosts: new Map(),
      surroundings: here,
      deadlines: defaultDeadlines,
      fileExists: () => false,
    };
    const planned = answerNow(planWithOptions(host, inputs), machine);
    // A host that ssh_config makes unreachable: ssh gives up, we tell it as the outcome of that host.
    if (planned.plan.refusal?.code === 'dns') return { refusal: planned.plan.refusal.message };
    return linesOf(answerNow(explain({ host, ...planned }, inputs), machine));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refusal: error.message };
  }
}

/** Names that ssh does not have. */
const ours = new Set(['transport', 'algorithms', 'hostkeys', 'connectdeadline', 'hops']);
const commaLists = new Set([...Object.keys(algorithmKeywords), 'proxyjump', 'preferredauthentications']);
const linesEach = new Set(['identityfile', 'certificatefile']);

/** An explanation in the form of `ssh -G`: keyword to lines. */
export function linesOf(
  explanation: Readonly<Record<string, { readonly value: string | readonly string[] }>>,
): ReadonlyMap<string, readonly string[]> {
  const lines = Object.entries(explanation)
    .filter(([name]) => !ours.has(name))
    .map(([name, { value }]): [string, readonly string[]] => {
      if (typeof value === 'string') return [name, [value]];
      return [name, linesEach.has(name) ? value : [value.join(commaLists.has(name) ? ',' : ' ')]];
    });
  return new Map(lines);
}

/** Keys in which they differ: `key: theirs, ours`. Undefined where ssh refuses, and so do we. */
export function differences(asked: OracleCase): readonly string[] | undefined {
  const theirs = askSsh(asked);
  const answer = askUs(asked);
  if (answer !== undefined && 'refusal' in answer) {
    // `ssh -G` does not look at what jump hosts are behind themselves.
    if (/in a circle|among its own/.test(answer.refusal)) return [];
    return theirs === undefined ? undefined : [`refused: ${answer.refusal}`];
  }
  if (theirs === undefined) return ['ssh refuses it'];
  const keys = new Set([...(answer?.keys() ?? []), ...[...theirs.keys()].filter(key => comparable.has(key))]);
  return [...keys].flatMap(key => {
    const [expected, found] = [theirs.get(key)?.join('\n'), answer?.get(key)?.join('\n')];
    return expected === found ? [] : [`${key}: ${expected}, ours: ${found}`];
  });
}

/** What `ssh -G` prints only where somebody said something, and we must not leave out. */
const comparable = new Set(
  'bindaddress bindinterface certificatefile hostkeyalias identityagent preferredauthentications proxycommand proxyjump'.split(
    ' ',
  ),
);
