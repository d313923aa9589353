/** A real sshd inside a host, and the real program that audits it from another one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../src/model/rule.ts';
import type { HostResult } from '../../src/model/run.ts';
import { runDocument } from '../../src/report/run-schema.ts';
import { buildProgram } from '../cli/built-program.ts';
import { sshdConfig } from '../ssh/sshd.ts';
import { type KeyPair, openWorkshop, type Workshop } from '../ssh/workshop.ts';
import type { Host } from './host.ts';

/** What logins to all hosts of a test file have in common: keys are made once. */
export interface Login {
  readonly workshop: Workshop;
  readonly hostKey: KeyPair;
  readonly user: KeyPair;
  /** Path of the built program. */
  readonly program: string;
}

/** Where the sshd of a host listens. */
export interface Door {
  readonly address: string;
  readonly port: number;
}

/** Builds the program and makes the keys, for all tests of a file; gone with `close`. */
export function openLogin(): Login & { close(): Promise<void> } {
  const built = mkdtempSync(join(tmpdir(), 'synaudit-built-'));
  const workshop = openWorkshop();
  return {
    workshop,
    hostKey: workshop.makeKey('host'),
    user: workshop.makeKey('user'),
    program: buildProgram(built),
    async close() {
      await workshop.close();
      rmSync(built, { recursive: true, force: true });
    },
  };
}

/** Starts an sshd inside the host; it ends with the host. */
export async function startSshdInside(host: Host, { address, port }: Door, login: Login): Promise<void> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const { workshop, hostKey, user } = login;
  const authorizedKeys = workshop.write('authorized_keys', `${user.publicLine}\n`, 0o644);
  const lines = sshdConfig({ address, port, hostKeys: [hostKey], authorizedKeys });
  const config = workshop.write(`sshd_config-${host.pid}`, lines.join('\n'));
  await host.startInside(['/usr/sbin/sshd', '-D', '-e', '-f', config], /^Server listening on/m);
}

/** What an audit said. */
export interface Audited {
  readonly exitCode: number | null;
  readonly host: HostResult;
}

/** What a program printed, and how it ended. */
export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the network of a host, as a process of its own; `began` is given it, to end it early. */
export async function runFrom(
  { pid }: Host,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  began: (child: ChildProcess) => void = () => {},
): Promise<Ran> {
  const enter = ['--target', String(pid), '--net', '--', ...argv];
  const child = spawn('nsenter', enter, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  began(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const exitCode = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}

/** Runs `synaudit audit -f json --interval 2` on one host and in the network of another, as a process of its own. */
export async function audit(from: Host, { address, port }: Door, login: Login): Promise<Audited> {
  const { workshop, hostKey, user, program } = login;
  const known = workshop.write(
    'known_hosts',
    `[${address}]:${port} ${hostKey.publicLine}\n${address} ${hostKey.publicLine}\n`,
  );
  const reach = ['--identity', user.path, '--known-hosts', known, '--ssh-config', 'none'];
  const words = ['audit', `root@${address}:${port}`, ...reach, '--interval', '2', '-f', 'json', '-q'];
  const env = { ...process.env, HOME: workshop.directory, XDG_STATE_HOME: join(workshop.directory, 'state') };
  const { exitCode, stdout, stderr } = await runFrom(from, [process.execPath, program, ...words], env);
  const [host, ...others] = stdout === '' ? [] : runDocument.parse(JSON.parse(stdout)).hosts;
  if (host === undefined || others.length > 0) throw new Error(`exit ${exitCode}: ${stderr}${stdout}`);
  return { exitCode, host };
}

/** Rules that say of this host that something is dropped or refused now. */
export const actingNow = ({ findings }: HostResult): readonly string[] =>
  findings.filter(({ state }) => state === 'active').map(({ rule }) => rule);

/** The finding of a rule; throws where there is none. */
export function findingOf({ findings }: HostResult, rule: string): Finding {
  const found = findings.find(finding => finding.rule === rule);
  if (found === undefined) throw new Error(`no ${rule} among ${findings.map(finding => finding.rule).join(' ')}`);
  return found;
}

/** Fields of a finding's evidence that rose between the two samples. */
export const rising = ({ evidence }: Finding): readonly string[] =>
  evidence.filter(({ value, earlier }) => earlier !== undefined && Number(value) > earlier).map(({ field }) => field);
