/** What the ssh of this machine says of itself. Each question costs one process, some 5 ms; callers remember the answers. */
import { type Environment, runProgramHere } from './shell.ts';

/** Asks the `ssh` in PATH. Everything is undefined where there is none. */
export interface LocalSsh {
  /** Whether it takes a text as ssh_config. `Match exec` would be run: the text must hold none. */
  readonly accepts: (config: string) => Promise<boolean | undefined>;
  /** All that `ssh -G` prints without a configuration. */
  readonly defaults: () => Promise<string | undefined>;
  /** Names of one of the lists of `ssh -Q`. */
  readonly query: (what: 'kex' | 'cipher' | 'mac' | 'HostKeyAlgorithms') => Promise<readonly string[] | undefined>;
  /** `OpenSSH_9.2p1`. */
  readonly version: () => Promise<string | undefined>;
}

/** A name that is looked up nowhere: nothing canonicalizes it. */
const anyHost = 'localhost';

/** Node gives children sockets, which cannot be opened as /dev/stdin. */
const readFromPipe = `cat | ssh -G -F /dev/stdin ${anyHost}`;
/** What a shell says of a program that is not there: POSIX, 2.8.2. */
const notFound = 127;

export function createLocalSsh(env: Environment): LocalSsh {
  const run = (args: readonly string[]) => runProgramHere('ssh', args, { env });
  return {
    async accepts(config) {
      const end = await runProgramHere('sh', ['-c', readFromPipe], { env, stdin: config });
      return end === undefined || end.status === notFound ? undefined : end.status === 0;
    },
    async defaults() {
      const end = await run(['-G', '-F', 'none', anyHost]);
      return end?.status === 0 ? end.stdout : undefined;
    },
    async query(what) {
      const end = await run(['-Q', what]);
      return end?.status === 0 ? end.stdout.split('\n').filter(name => name !== '') : undefined;
    },
    async version() {
      const end = await run(['-V']);
      return end === undefined ? undefined : /^[^ ,]+/.exec(end.stderr)?.[0];
    },
  };
}
