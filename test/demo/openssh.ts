import { spawn } from 'node:child_process';
import { parse } from 'yaml';

/** Where a host of the fleet listens. */
export interface Place {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The hosts of an inventory text, read by a YAML parser and not by our own code. */
export function hostsOf(text: string): Place[] {
  const document: {
    defaults: { port: number };
    groups: Record<string, { hosts: { name: string; address: string; port?: number }[] }>;
  } = parse(text);
  return Object.values(document.groups).flatMap(group =>
    group.hosts.map(({ name, address, port }) => ({ name, address, port: port ?? document.defaults.port })),
  );
}

export interface Login {
  readonly place: Place;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly script: string;
  readonly command?: readonly string[];
  readonly user?: string;
  /** Further arguments of ssh, before the host. */
  readonly more?: readonly string[];
  readonly killAfterMs?: number;
}

export interface Outcome {
  /** Null if it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'StrictHostKeyChecking=yes'];

/** A login with the real OpenSSH client: strict about host keys, and no configuration but this. */
export function ssh(login: Login): Promise<Outcome> {
  const { place, script, command = ['sh', '-s'], user = 'audit', more = [], killAfterMs = 15_000 } = login;
  const files = [`UserKnownHostsFile=${login.knownHostsFile}`, 'GlobalKnownHostsFile=/dev/null'];
  const settings = [...options, ...files].flatMap(option => ['-o', option]);
  const target = ['-i', login.identityFile, '-p', String(place.port), `${user}@${place.address}`];
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', ['-F', 'none', '-T', ...settings, ...more, ...target, ...command], {
      timeout: killAfterMs,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => {
      out += chunk;
    });
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, err }));
    // A refused login ends before it has read the script.
    child.stdin.on('error', () => undefined);
    child.stdin.end(script);
  });
}
