/** Whether the key that a server presents is accepted, and what is remembered of it. Never rewrites a file. */
import type { ConnectPlan, HostKeyPolicy } from '../model/plan.ts';
import type { VisitError } from '../model/visit.ts';
import { fingerprint } from './credentials.ts';
import { endpoint, Refusal } from './errors.ts';
import {
  createKnownHosts,
  type HostKeyVerdict,
  type KnownHosts,
  type KnownName,
  keyField,
  knownName,
} from './known-hosts.ts';
import { type KnownHostLine, keyType, parseKnownHosts, parseRevokedKeys } from './known-hosts-file.ts';
import { appendLine, readKnownHosts, readRevokedKeys } from './known-hosts-io.ts';

/** Judges the keys of one host. */
export interface HostKeyJudge {
  /** Key types to ask for, best first. Changes once a lookup has found more. */
  readonly preferredTypes: () => readonly string[];
  /** Accepts, possibly with a remark for the result, or refuses. */
  readonly judge: (blob: Buffer) => Promise<HostKeyDecision>;
}

type HostKeyDecision =
  | { readonly accepted: true; readonly note?: string }
  /** `otherTypes`: keys of other types are known; the server may own one of them, if asked for it first. */
  | { readonly accepted: false; readonly refusal: Refusal; readonly otherTypes: boolean };

export interface HostKeyStore {
  /** Reads the host's known_hosts files, once per run. */
  readonly open: (plan: ConnectPlan) => Promise<HostKeyJudge>;
}

type Loaded = { readonly known: KnownHosts } | { readonly unreadable: string };

/** Known keys of one run. Files are read and indexed once, however many hosts name them. */
export function createHostKeyStore(): HostKeyStore {
  const loaded = new Map<string, Promise<Loaded>>();
  return {
    open: async plan => {
      const { files, revokedFile } = plan.hostKeys;
      const key = [revokedFile ?? '', ...files].join('\0');
      const work = loaded.get(key) ?? load(files, revokedFile);
      loaded.set(key, work);
      return createJudge(plan, await work);
    },
  };
}

async function load(files: readonly string[], revokedFile: string | undefined): Promise<Loaded> {
  const lines: KnownHostLine[] = [];
  if (revokedFile !== undefined) {
    const text = await readRevokedKeys(revokedFile);
    if ('why' in text) return { unreadable: `RevokedHostKeys ${revokedFile}: ${text.why}` };
    lines.push(...parseRevokedKeys(revokedFile, text.text));
  }
  for (const file of files) {
    const text = await readKnownHosts(file);
    if ('why' in text) return { unreadable: `${file}: ${text.why}` };
    lines.push(...parseKnownHosts(file, text.text));
  }
  return { known: createKnownHosts(lines) };
}

function createJudge(plan: ConnectPlan, loaded: Loaded): HostKeyJudge {
  const { address, port, hostKeys } = plan;
  const host = knownName({ address, port, ...(hostKeys.alias !== undefined && { alias: hostKeys.alias }) });
  if (hostKeys.mode === 'off') {
    const note = 'host key was not checked (--host-keys off)';
    return { preferredTypes: () => [], judge: async () => ({ accepted: true, note }) };
  }
  if ('unreadable' in loaded) {
    const refusal = unreadable(loaded.unreadable);
    return { preferredTypes: () => [], judge: async () => ({ accepted: false, refusal, otherTypes: false }) };
  }
  const { known } = loaded;
  const judge = async (blob: Buffer): Promise<HostKeyDecision> => {
    const verdict = known.judge(host, blob);
    if (verdict.state === 'match') return { accepted: true };
    if (verdict.state === 'unknown' && hostKeys.mode === 'accept-new')
      return acceptNew({ known, host, hostKeys, blob });
    const refusal = refuse(plan, { verdict, host, blob });
    const otherTypes = verdict.state === 'changed' && verdict.lines.every(line => line.type !== keyType(blob));
    return { accepted: false, refusal, otherTypes };
  };
  return { preferredTypes: () => known.preferredTypes(host), judge };
}

interface NewKey {
  readonly known: KnownHosts;
  readonly host: KnownName;
  readonly hostKeys: HostKeyPolicy;
  readonly blob: Buffer;
}

/** Remembered in memory before the file is written: visits that run at the same time find it and add no second line. */
async function acceptNew({ known, host, hostKeys, blob }: NewKey): Promise<HostKeyDecision> {
  const line = `${host.name} ${keyField(blob)}`;
  for (const added of parseKnownHosts(hostKeys.appendTo, line)) known.add({ ...added, line: 0 });
  const problem = await appendLine(hostKeys.appendTo, line);
  const what = `new host key accepted: ${describeKey(blob)}`;
  return { accepted: true, note: problem === undefined ? what : `${what}, but not remembered: ${problem}` };
}

/** `ED25519 SHA256:…` */
const describeKey = (blob: Buffer): string => {
  const type = keyType(blob)
    ?.replace(/^ssh-/, '')
    .replace(/^ecdsa-sha2-.*/, 'ecdsa');
  return `${(type ?? 'unknown').toUpperCase()} ${fingerprint(blob)}`;
};

const rejected = (error: Pick<VisitError, 'code' | 'message' | 'hint'>): Refusal =>
  new Refusal({ outcome: 'hostkey-rejected', phase: 'handshake', retryable: false, ...error });

const unreadable = (what: string): Refusal =>
  rejected({
    code: 'known-hosts-unreadable',
    message: `host key cannot be checked: ${what}`,
    hint: 'make the file readable, or name another with --known-hosts',
  });

const place = ({ file, line }: KnownHostLine): string =>
  line === 0 ? `${file} (added in this run)` : `${file}:${line}`;

interface Refused {
  readonly verdict: Exclude<HostKeyVerdict, { state: 'match' }>;
  readonly host: KnownName;
  readonly blob: Buffer;
}

function refuse(plan: ConnectPlan, { verdict, host, blob }: Refused): Refusal {
  const presented = `${endpoint(plan)} presents ${describeKey(blob)}`;
  if (verdict.state === 'revoked') {
    const message = `${presented}, which is revoked in ${place(verdict.line)}`;
    return rejected({
      code: 'hostkey-revoked',
      message,
      hint: 'the key is known to be stolen or retired: do not log in',
    });
  }
  if (verdict.state === 'unknown') {
    const message = `host key is not known: ${presented}`;
    const hint =
      'compare the fingerprint with the host (ssh-keygen -lf on its console), then accept it with --host-keys accept-new';
    return rejected({ code: 'hostkey-unknown', message, hint });
  }
  const [first] = verdict.lines;
  const message = `host key changed: ${presented}, but ${verdict.lines.map(place).join(', ')} knows another`;
  const remove = `ssh-keygen -f '${first?.file ?? ''}' -R '${host.name}'`;
  const onlyRsa = verdict.lines.every(({ type }) => type === 'ssh-rsa') && keyType(blob) !== 'ssh-rsa';
  // RFC 8332: servers older than OpenSSH 7.2 sign with RSA and SHA-1 alone, which the newest profile does not offer.
  const old =
    onlyRsa && plan.algorithms === 'modern' ? '; an old server shows its RSA key with --algorithms compatible' : '';
  return rejected({
    code: 'hostkey-changed',
    message,
    hint: `if the host was reinstalled: ${remove}; if not, somebody may stand in between${old}`,
  });
}
