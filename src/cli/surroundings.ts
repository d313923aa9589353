import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces, userInfo } from 'node:os';
import type { Surroundings } from '../plan/inputs.ts';
import type { Answers, Respondent } from '../plan/questions.ts';
import { parseDefaults } from '../plan/ssh-lists.ts';
import { createLocalSsh } from '../transport/local-ssh.ts';
import { lookUpName } from '../transport/names.ts';
import { runInShell } from '../transport/shell.ts';
import { stateDirectory, type World } from './world.ts';

/** What ssh_config may refer to on this machine. `isAlone` leaves the agent out. */
export function surroundingsOf(world: World, { isAlone = false }: { readonly isAlone?: boolean } = {}): Surroundings {
  const { env, home, userName } = world;
  const agentSocket = isAlone ? undefined : env['SSH_AUTH_SOCK'];
  const services = once(readServices);
  const homes = once(readHomes);
  return {
    home: home.replace(/\/+$/, ''),
    homeOf: user => homes().get(user),
    localUser: userName,
    userId: String(userInfo().uid),
    hostName: hostname(),
    stateDir: stateDirectory(world),
    variable: name => env[name],
    servicePort: name => services().get(name),
    localAddresses: once(() =>
      Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address)),
    ),
    sha1: text => createHash('sha1').update(text).digest('hex'),
    ...(agentSocket !== undefined && agentSocket !== '' && { agentSocket }),
  };
}

/** Commands of `Match exec` that run at once, and how long one may take: ssh itself would wait for ever. */
const commandsAtOnce = 8;
const commandMs = 10_000;
/** Different commands of one run. A fleet of ten thousand hosts whose names are in the command needs as many. */
const maxCommands = 50_000;
/** Lookups at once: Node's resolver has four threads, which others need, too. */
const lookupsAtOnce = 8;

/** Answers what ssh_config asks, each question once. */
export function respondentOf({ env }: World): Respondent {
  const ssh = createLocalSsh(env);
  const commands = atMost(commandsAtOnce);
  const lookups = atMost(lookupsAtOnce);
  let started = 0;
  const exec = memoized((command: string): Promise<Answers['exec']> => {
    started += 1;
    if (started > maxCommands) return Promise.resolve({ problem: `more than ${maxCommands} different commands` });
    return commands(() => runInShell({ command, env, deadlineMs: commandMs }));
  });
  const accepts = memoized((config: string) => ssh.accepts(config));
  const resolve = memoized((key: string) => lookups(() => lookUpName(JSON.parse(key), env)));
  const lists = once(async (): Promise<Answers['lists']> => {
    const [defaults, kex, cipher, mac, key] = await Promise.all([
      ssh.defaults(),
      ssh.query('kex'),
      ssh.query('cipher'),
      ssh.query('mac'),
      ssh.query('HostKeyAlgorithms'),
    ]);
    if (defaults === undefined || !kex || !cipher || !mac || !key) return undefined;
    return { defaults: parseDefaults(defaults), supported: { kex, cipher, mac, key } };
  });
  const version = once(() => ssh.version());
  return {
    exec: ({ command }) => exec(command),
    accepts: ({ config }) => accepts(config),
    resolve: ({ name, family, canonicalName }) => resolve(JSON.stringify({ name, family, canonicalName })),
    lists,
    version,
  };
}

/** The first answer is every answer. */
function memoized<T>(ask: (key: string) => T): (key: string) => T {
  const answers = new Map<string, T>();
  return key => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(key);
    answers.set(key, answer);
    return answer;
  };
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

/** Runs so many pieces of work at a time; the others wait in line. */
function atMost(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async work => {
    if (free > 0) free -= 1;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** TCP ports by service name and alias: services(5). */
function readServices(): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const line of linesOf('/etc/services')) {
    const [name, port, ...aliases] = line.split(/\s+/);
    const number = /^(\d+)\/tcp$/.exec(port ?? '')?.[1];
    if (number === undefined) continue;
    for (const alias of [name ?? '', ...aliases]) if (!ports.has(alias)) ports.set(alias, Number(number));
  }
  if (!ports.has('ssh')) ports.set('ssh', 22);
  return ports;
}

/** Homes by user: passwd(5). Users of a directory service are not found, and `~name` of theirs is refused. */
const readHomes = (): ReadonlyMap<string, string> =>
  new Map(
    linesOf('/etc/passwd').map(line => {
      const fields = line.split(':');
      return [fields[0] ?? '', (fields[5] ?? '').replace(/\/+$/, '')];
    }),
  );

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map(line => line.replace(/#.*/, '').trim())
      .filter(line => line !== '');
  } catch {
    return [];
  }
}
