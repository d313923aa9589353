/** Two hosts, a plan for both, and what tests of a disturbed rollout do to them. After each test everything is rolled back. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { rolloutDocumentSchema } from '../../src/report/rollout-schema.ts';
import {
  type Changeable,
  cohortOf,
  type Fleet,
  type Ran,
  type RunOptions,
  startFleet,
  writePlan,
} from './changeable.ts';

type OnStderr = NonNullable<RunOptions['onStderr']>;

/** Does something once, as soon as a text is on stderr. */
export function whenSaid(text: string, then: (kill: (signal: NodeJS.Signals) => void) => void): OnStderr {
  let isDone = false;
  return (stderr, kill) => {
    if (isDone || !stderr.includes(text)) return;
    isDone = true;
    then(kill);
  };
}

/** The document of `-f json`. */
export const documentOf = ({ stdout }: Ran) => rolloutDocumentSchema.parse(JSON.parse(stdout));

/** `h1 verified`, in the order of the plan. */
export const standings = (ran: Ran): string[] =>
  documentOf(ran).hosts.map(({ name, standing }) => `${name} ${standing}`);

/** Registers the fleet with the tests of a `describe`, for `net.core.somaxconn` from 512 to 4096. */
export function twoHosts() {
  let fleet: Fleet;
  let [path, pristine] = ['', ''];
  const value = ({ sh }: Changeable): string => sh('sysctl -n net.core.somaxconn').trim();
  const conf = ({ sh }: Changeable): string => sh('cat /etc/sysctl.conf; ls /etc/sysctl.d');
  const host = (n: number): Changeable => fleet.hosts[n] as Changeable;
  const slow = (seconds: number): void => {
    for (const one of fleet.hosts) one.slow(seconds);
  };

  beforeAll(async () => {
    fleet = await startFleet(2, 'net.core.somaxconn = 512\n');
    for (const { sh } of fleet.hosts) sh('sysctl -q --system');
    pristine = conf(host(0));
    path = (await writePlan(fleet, [cohortOf(['h1', 'h2'], { 'net.core.somaxconn': ['512', '4096'] })])).path;
  });
  afterAll(() => fleet.close());
  afterEach(async () => {
    slow(0);
    const back = await fleet.run(['rollback', path, '--yes']);
    expect([back.exitCode, fleet.hosts.map(value), fleet.hosts.map(conf)]).toEqual([
      0,
      ['512', '512'],
      [pristine, pristine],
    ]);
  });

  return {
    host,
    slow,
    values: (): string[] => fleet.hosts.map(value),
    /** Files that a boot reads are as they were. */
    isPristine: (n: number): boolean => conf(host(n)) === pristine,
    directory: (): string => fleet.directory,
    /** Writes a file and gives its path back. */
    write: (name: string, text: string): string => fleet.login.workshop.write(name, text),
    rollOut: (more: readonly string[] = [], options: RunOptions = {}): Promise<Ran> =>
      fleet.run(
        ['rollout', path, '--yes', '--interval', '1', '--batch', '1', '--connect-timeout', '1', '-f', 'json', ...more],
        options,
      ),
    resume: (): Promise<Ran> => fleet.run(['rollout', path, '--yes', '--resume', '-f', 'json']),
    /** Does something to the n-th host once its script has begun to change it; each step of the script takes its time. */
    amid: (n: number, then: (host: Changeable) => void): OnStderr =>
      whenSaid(`h${n + 1}: apply is sent`, () => {
        const look = (): void => {
          if (host(n).sh('cat /var/lib/synaudit/2*/state 2>/dev/null || :').trim() === 'begun') then(host(n));
          else setTimeout(look, 50);
        };
        look();
      }),
  };
}
