/** All that this run can log in with: agents, key files, passwords. Shared by every visit, so that each is read once. */
import { createHash } from 'node:crypto';
import type { AnyAuthMethod } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { stripControls } from '../text/ansi.ts';
import { type AgentIdentity, listIdentities, loginWith } from './agent.ts';
import { mayLogInWith } from './algorithms.ts';
import type { SudoPasswords } from './ascend.ts';
import { createKeyRing, type KeyFile, type KeyRing, type Secrets } from './key-files.ts';
import { type LoginPasswords, type PasswordRequest, passwordMethods, sudoPasswords } from './passwords.ts';

/** One thing to try, or (without `method`) one thing that cannot be tried, and why. */
export interface Candidate {
  /** For people, without any secret: `key file /root/.ssh/id_rsa (needs a passphrase)`. */
  readonly label: string;
  readonly method?: AnyAuthMethod;
  /** For a key of an agent: whether the server accepted it and had something signed. */
  readonly signed?: () => boolean;
  readonly isPassword?: true;
}

/** Whose credentials, and what may stop or hold up the search for them. */
export interface CredentialRequest {
  readonly plan: ConnectPlan;
  readonly signal: AbortSignal;
  /** Stops the deadlines of this visit while a person is asked. */
  readonly hold: () => () => void;
}

export interface Credentials {
  /** Keys in order: those of the agent that are also named as files, other keys of the agent, key files. */
  readonly keys: (request: CredentialRequest) => AsyncGenerator<Candidate>;
  /** keyboard-interactive and password, if the caller asked for them. */
  readonly passwords: (request: PasswordRequest) => LoginPasswords;
  /** For becoming root once logged in. */
  readonly sudo: SudoPasswords;
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
  const passwords = passwordMethods(secrets, askOne);
  return {
    keys: request =>
      keyCandidates({ ...request, keyRing, identities: socketPath => identities(socketPath, request.signal) }),
    passwords,
    sudo: sudoPasswords(secrets, askOne),
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

interface KeySources extends CredentialRequest {
  readonly keyRing: KeyRing;
  readonly identities: (socketPath: string) => Promise<readonly AgentIdentity[]>;
}

async function* keyCandidates(sources: KeySources): AsyncGenerator<Candidate> {
  const { plan, keyRing, identities } = sources;
  const files = await Promise.all(plan.identityFiles.map(async path => ({ path, file: await keyRing.read(path) })));
  const named = files.flatMap(({ file }) => (file.blob === undefined ? [] : [file.blob.toString('base64')]));
  const shown = new Set<string>();
  for (const path of plan.certificateFiles ?? []) {
    yield { label: `certificate ${path} (which transport ssh2 cannot use)` };
  }
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
    if (file.blob === undefined || !shown.has(file.blob.toString('base64'))) yield fileCandidate(sources, path, file);
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
  if (key === undefined) {
    const what = type.includes('-cert-') ? 'a certificate' : 'a FIDO or unknown key';
    return { label: `${label} (${what}, which transport ssh2 cannot use)` };
  }
  if (!mayLogInWith(type, plan)) return { label: `${label} (${notAccepted})` };
  const { agent, signed } = loginWith(socketPath, key);
  return { label, method: { type: 'agent', username: plan.user, agent }, signed };
}

const notAccepted = 'left out by PubkeyAcceptedAlgorithms';

async function fileCandidate({ plan, keyRing, hold }: KeySources, path: string, file: KeyFile): Promise<Candidate> {
  const label = (why: string): string => {
    const certificate = file.certificate ? 'beside it a certificate, which transport ssh2 cannot use' : '';
    const remark = [why, certificate].filter(part => part !== '').join('; ');
    return `key file ${path}${remark && ` (${remark})`}`;
  };
  if (file.state === 'unusable') return { label: label(file.why) };
  const release = hold();
  const key = file.state === 'usable' ? file.key : await keyRing.unlock(path, plan).finally(release);
  release();
  if ('why' in key) return { label: label(key.why) };
  if (!mayLogInWith(key.type, plan)) return { label: label(notAccepted) };
  return { label: label(''), method: { type: 'publickey', username: plan.user, key } };
}
