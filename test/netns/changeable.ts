/** Hosts whose files and settings may be changed: own network, own processes, /etc and /var/lib of their own above this machine's. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, sha256 } from '../../src/cli/plan-directory.ts';
import { recordPlan } from '../../src/history/plans.ts';
import type { PlannedCohort } from '../../src/model/remediation.ts';
import { planFiles } from '../../src/remediate/files.ts';
import { type Host, link, startHost } from './host.ts';
import { type Login, openLogin, startSshdInside } from './visit.ts';

/** A host that can be changed. */
export interface Changeable {
  readonly name: string;
  readonly host: Host;
  readonly address: string;
  /** Runs a shell line in all its namespaces and gives what it printed. */
  readonly sh: (line: string) => string;
  /** Makes each `sync` of a script take so long; 0: as long as it takes. Unit: s. */
  readonly slow: (seconds: number) => void;
}

/** Some hosts, and a host beside them from which the program runs. */
export interface Fleet {
  readonly hosts: readonly Changeable[];
  readonly login: Login;
  readonly directory: string;
  /** Runs the program; resolves when it has ended. */
  readonly run: (words: readonly string[], options?: RunOptions) => Promise<Ran>;
  readonly close: () => Promise<void>;
}

export interface RunOptions {
  /** Runs it on a terminal, and types this at its question. */
  readonly answer?: string;
  /** Called with all of stderr so far, each time more came; may end the program. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface Ran {
  /** Null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `sync` that takes its time while a file says so. */
const slowSync = '#!/bin/sh\n[ ! -s /var/lib/slow ] || sleep "$(cat /var/lib/slow)"\nexec busybox sync\n';

/** Puts writable layers over the machine's directories, a name and a slow `sync` in their place. `$1`: a directory for all of it. `$5`: a tree instead of /proc. */
const ownFiles = `
mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" && mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc &&
mount -t tmpfs tmpfs /var/lib && echo "$2" >"$1/hostname" && mount --bind "$1/hostname" /proc/sys/kernel/hostname &&
cp "$3" "$1/sync" && mount --bind "$1/sync" "$(command -v sync)" && rm -f /etc/sysctl.conf && printf '%s' "$4" >/etc/sysctl.conf &&
{ [ -z "$5" ] || mount --bind "$5" /proc; } && echo prepared`;

/** Starts hosts `h1`, `h2`… with the same /etc/sysctl.conf, and builds the program. `proc`: trees that hosts see as /proc. */
export async function startFleet(
  count: number,
  sysctlConf: string,
  { proc }: { readonly proc?: (name: string) => string } = {},
): Promise<Fleet> {
  const login = openLogin();
  const { workshop } = login;
  chmodSync(workshop.directory, 0o755);
  const wrapper = workshop.write('slow-sync', slowSync, 0o755);
  const client = await startHost();
  const hosts: Changeable[] = [];
  for (let n = 1; n <= count; n++) {
    const host = await startHost();
    const [address, name] = [`10.78.${n}.1`, `h${n}`];
    link(
      { host: client, device: `eth${n}`, address: `10.78.${n}.2/24` },
      { host, device: 'eth0', address: `${address}/24` },
    );
    const place = join(workshop.directory, `files-${name}`);
    mkdirSync(place);
    await host.startInside(
      ['sh', '-c', ownFiles, 'sh', place, name, wrapper, sysctlConf, proc?.(name) ?? ''],
      /^prepared$/m,
    );
    await startSshdInside(host, { address, port: 22 }, login);
    const inside = ['nsenter', '--target', String(host.pid), '--mount', '--pid', 'sh', '-c'];
    // within the network of the host, which `run` enters by itself
    const sh = (line: string): string => host.run([...inside, line]);
    hosts.push({
      name,
      host,
      address,
      sh,
      slow: seconds => void sh(`echo ${seconds || ''} | tr -d '\\n' >/var/lib/slow`),
    });
  }
  const known = hosts.map(({ address }) => `${address} ${login.hostKey.publicLine}\n`).join('');
  const knownHosts = workshop.write('known_hosts', known);
  const inventory = workshop.write(
    'inventory.yaml',
    `version: 1\ndefaults: { user: root }\ngroups:\n  web:\n    services: [{ name: api, port: 8080 }]\n    hosts: [${hosts.map(({ name, address }) => `{ name: ${name}, address: ${address} }`).join(', ')}]\n`,
  );
  const reach = ['-i', inventory, '--identity', login.user.path, '--known-hosts', knownHosts, '--ssh-config', 'none'];
  return {
    hosts,
    login,
    directory: workshop.directory,
    run: (words, { onStderr, answer } = {}) =>
      new Promise(resolve => {
        const enter = ['nsenter', '--target', String(client.pid), '--net', '--', process.execPath, login.program];
        const [subcommand = '', ...more] = words;
        // what a test says stands behind, and wins
        const command = [...enter, subcommand, ...(words.includes('--log') ? [] : reach), ...more];
        const env = { ...process.env, HOME: workshop.directory, XDG_STATE_HOME: join(workshop.directory, 'state') };
        // script(1) gives it a terminal, on which stdout and stderr are one
        const onTerminal = ['script', '-qec', command.join(' '), '/dev/null'];
        const [program = '', ...args] = answer === undefined ? command : onTerminal;
        const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
        let [stdout, stderr] = ['', ''];
        child.stdout.on('data', chunk => {
          stdout += chunk;
          if (answer !== undefined && /\[y\/N\] $/.test(stdout)) child.stdin.write(`${answer}\n`);
        });
        child.stderr.on('data', chunk => {
          stderr += chunk;
          // nsenter becomes the program: its number is the child's
          onStderr?.(stderr, signal => void child.kill(signal));
        });
        child.stdin.on('error', () => {});
        if (answer === undefined) child.stdin.end();
        child.on('close', exitCode => resolve({ exitCode, stdout, stderr }));
      }),
    async close() {
      await Promise.all([client.close(), ...hosts.map(({ host }) => host.close())]);
      await login.close();
    },
  };
}

let plans = 0;

/** Writes a plan for hosts as `fix` does, and records it in the store of the fleet's program. */
export async function writePlan(
  { directory }: Pick<Fleet, 'directory'>,
  cohorts: readonly PlannedCohort[],
  { isRecorded = true } = {},
): Promise<{ readonly path: string; readonly id: string; readonly digest: string }> {
  plans += 1;
  const id = `20261122T2000${String(plans % 60).padStart(2, '0')}Z-${plans.toString(16).padStart(6, '0')}`;
  const run = { id: '20261122T190000Z-0a0b0c', startedAt: '2026-11-22T19:00:00.000Z', subject: 'inventory.yaml' };
  const draft = {
    id,
    createdAt: '2026-11-22T20:00:00.000Z',
    version: '0.1.0',
    run,
    cohorts,
    byHand: [],
    leftOut: { waived: 0, notAudited: '' },
  };
  const { files } = planFiles(draft, sha256);
  const path = join(directory, `plan-${id}`);
  for (const { path: name, text } of files) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  const digest = digestOf(readFileSync(join(path, 'plan.json')));
  if (isRecorded)
    await recordPlan(join(directory, 'state/synaudit/plans'), {
      id,
      digest,
      directory: path,
      recordedAt: draft.createdAt,
      user: 'ops',
      run: run.id,
    });
  return { path, id, digest };
}

/** A cohort that changes keys of hosts from what they are to something else. */
export const cohortOf = (
  names: readonly string[],
  changes: Readonly<Record<string, readonly [from: string, to: string]>>,
  id = 'c1-test',
): PlannedCohort => ({
  id,
  changes: Object.entries(changes).map(([key, [from, to]]) => ({
    key,
    from,
    to,
    rules: ['accept-queue-overflow'],
    severity: 'high',
    summary: 'A longer queue.',
    risk: 'None that is known.',
  })),
  hosts: names.map(name => ({ name, hostname: name, kernel: null, boot: {} })),
});
