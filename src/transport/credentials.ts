/** All that this run can log in with: agents, key files, passwords. Shared by every visit, so that each is read once. */
import { createHash } from 'node:crypto';
import type { AnyAuthMethod, KeyboardInteractiveAuthMethod, PasswordAuthMethod } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { stripControls } from '../text/ansi.ts';
import { type AgentIdentity, listIdentities, loginWith } from './agent.ts';
import { createKeyRing, type KeyFile, type KeyRing, type Secrets } from './key-files.ts';

/** One thing to try, or (without `method`) one thing that cannot be tried, and why. */
export interface Candidate {
  /** For people, without any secret: `key file /root/.ssh/id_rsa (needs a passphrase)`. */
  readonly label: string;
  readonly method?: AnyAuthMethod;
  /** For a key of an agent: whether the server accepted it and had something signed. */
  readonly signed?: () => boolean;
}

export interface Credentials {
  /** Keys in order: those of the agent that are also named as files, other keys of the agent, key files. */
  readonly keys: (plan: ConnectPlan, signal: AbortSignal) => AsyncGenerator<Candidate>;
  /** keyboard-interactive and password, if the caller asked for them. A fresh array at each call. */
  readonly passwords: (plan: ConnectPlan) => Candidate[];
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** Credentials of one run. */
export function createCredentials(secrets: Secrets): Credentials {
  const askOne = oneAtATime(secrets);
  const keyRing = createKeyRing(secrets, askOne);
  const agents = new Map<string, Promise<readonly AgentIdentity[]>>();
  const identities = (socketPath: string, signal: AbortSignal): Promise<readonly AgentIdentity[]> => {
    const known = agents.get(socketPath) ?? listIdentities(socketPath, signal);
    agents.set(socketPath, known);
    // A failure is not kept: it may have been this visit that ended, not the agent.
    known.catch(() => agents.delete(socketPath));
    return known;
  };
  const passwords = new Map<string, Promise<string | undefined>>();
  const passwordOf = (plan: ConnectPlan): Promise<string | undefined> => {
    if (secrets.password !== undefined) return Promise.resolve(secrets.password);
    const known = passwords.get(plan.user) ?? askOne(`Password of ${plan.user} (first asked by ${plan.host}): `);
    passwords.set(plan.user, known);
    return known;
  };
  return {
    keys: (plan, signal) => keyCandidates({ plan, keyRing, identities: path => identities(path, signal) }),
    passwords: plan => (secrets.passwordLogin === true ? passwordCandidates(plan, { passwordOf, askOne }) : []),
  };
}

/** Puts questions to the person one after the other; a question that fails is one that was not answered. */
function oneAtATime({ ask }: Secrets): (prompt: string) => Promise<string | undefined> {
  let queue: Promise<unknown> = Promise.resolve();
  return prompt => {
    if (ask === undefined) return Promise.resolve(undefined);
    const answer = queue.then(() => ask(prompt)).catch(() => undefined);
    queue = answer;
    return answer;
  };
}

interface KeySources {
  readonly plan: ConnectPlan;
  readonly keyRing: KeyRing;
  readonly identities: (socketPath: string) => Promise<readonly AgentIdentity[]>;
}

async function* keyCandidates({ plan, keyRing, identities }: KeySources): AsyncGenerator<Candidate> {
  const files = await Promise.all(plan.identityFiles.map(async path => ({ path, file: await keyRing.read(path) })));
  const named = files.flatMap(({ file }) => (file.blob === undefined ? [] : [file.blob.toString('base64')]));
  const shown = new Set<string>();
  if (plan.agentSocket !== undefined) {
    const held = await identities(plan.agentSocket).catch((error: Error) => error);
    if (held instanceof Error) yield { label: `agent ${plan.agentSocket} (${stripControls(held.message)})` };
    else {
      for (const identity of inOrder(held, { named, namedOnly: plan.identitiesOnly })) {
        if (identity.key !== undefined) shown.add(identity.blob.toString('base64'));
        yield agentCandidate(plan, plan.agentSocket, identity);
      }
    }
  }
  for (const { path, file } of files) {
    if (file.blob === undefined || !shown.has(file.blob.toString('base64'))) yield fileCandidate({ plan, keyRing, path, file });
  }
}

/** Named keys first and in the order in which they are named; others only without IdentitiesOnly. */
function inOrder(
  held: readonly AgentIdentity[],
  { named, namedOnly }: { readonly named: readonly string[]; readonly namedOnly: boolean },
): readonly AgentIdentity[] {
  const rank = (identity: AgentIdentity): number => {
    const index = named.indexOf(identity.blob.toString('base64'));
    return index < 0 ? named.length : index;
  };
  const wanted = namedOnly ? held.filter(identity => rank(identity) < named.length) : held;
  return [...wanted].sort((a, b) => rank(a) - rank(b));
}

function agentCandidate(plan: ConnectPlan, socketPath: string, { key, type, blob, comment }: AgentIdentity): Candidate {
  const label = `agent key ${type} ${fingerprint(blob)}${comment && ` ${comment}`}`;
  if (key === undefined) return { label: `${label} (${type.includes('-cert-') ? 'a certificate' : 'a FIDO or unknown key'}: not usable by this program)` };
  const { agent, signed } = loginWith(socketPath, key);
  return { label, method: { type: 'agent', username: plan.user, agent }, signed };
}

interface NamedFile {
  readonly plan: ConnectPlan;
  readonly keyRing: KeyRing;
  readonly path: string;
  readonly file: KeyFile;
}

async function fileCandidate({ plan, keyRing, path, file }: NamedFile): Promise<Candidate> {
  const certificate = file.certificate ? ', beside it a certificate that this program cannot use' : '';
  const label = (why?: string): string => {
    const remark = [why, certificate.slice(2)].filter(Boolean).join('; ');
    return `key file ${path}${remark && ` (${remark})`}`;
  };
  if (file.state === 'unusable') return { label: label(file.why) };
  const key = file.state === 'usable' ? file.key : await keyRing.unlock(path);
  if ('why' in key) return { label: label(key.why) };
  return { label: label(), method: { type: 'publickey', username: plan.user, key } };
}

interface Passwords {
  readonly passwordOf: (plan: ConnectPlan) => Promise<string | undefined>;
  readonly askOne: (prompt: string) => Promise<string | undefined>;
}
