/** The ssh-agent: draft-ietf-sshm-ssh-agent (OpenSSH's PROTOCOL.agent). Lists every identity, which ssh2 does not. */
import { connect } from 'node:net';
import {
  BaseAgent,
  createAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { stripControls } from '../text/ansi.ts';
import { bounded } from './deadline.ts';
import { keyType } from './known-hosts-file.ts';
import { parseKey } from './parse-key.ts';

/** A key that the agent holds. `key` is undefined where ssh2 cannot use it: certificates and FIDO (`sk-`) keys. */
export interface AgentIdentity {
  readonly type: string;
  readonly comment: string;
  readonly blob: Buffer;
  readonly key: ParsedKey | undefined;
}

const requestIdentities = Buffer.from([0, 0, 0, 1, 11]);
const identitiesAnswer = 12;
/** As in OpenSSH's ssh-agent.c, AGENT_MAX_LEN. */
const maxAnswerBytes = 256 * 1024;
const answerMs = 5_000;

/** Asks the agent what it holds. Rejects if nothing answers there within 5 s. */
export function listIdentities(socketPath: string, signal: AbortSignal): Promise<readonly AgentIdentity[]> {
  const bounds = { ms: answerMs, signal, onLate: () => new Error('the agent does not answer') };
  return bounded(bounds, ({ resolve, reject }) => {
    const socket = connect(socketPath, () => socket.write(requestIdentities));
    let answer: Buffer = Buffer.alloc(0);
    socket.on('data', chunk => {
      answer = Buffer.concat([answer, chunk]);
      const length = answer.length >= 4 ? answer.readUInt32BE(0) : 0;
      if (length > maxAnswerBytes) reject(new Error('the agent gives an answer that is too long'));
      else if (length > 0 && answer.length >= 4 + length) resolve(parseIdentities(answer.subarray(4, 4 + length)));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the agent closed the connection')));
    return () => socket.destroy();
  });
}

/** Parses SSH_AGENT_IDENTITIES_ANSWER: a count, then pairs of key blob and comment. Stops at the first inconsistency. */
export function parseIdentities(answer: Buffer): readonly AgentIdentity[] {
  const identities: AgentIdentity[] = [];
  if (answer.length < 5 || answer[0] !== identitiesAnswer) return identities;
  let at = 5;
  const next = (): Buffer | undefined => {
    const end = at + 4 <= answer.length ? at + 4 + answer.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (end > answer.length) return undefined;
    const field = answer.subarray(at + 4, end);
    at = end;
    return field;
  };
  for (let left = answer.readUInt32BE(1); left > 0; left--) {
    const [blob, comment] = [next(), next()];
    if (blob === undefined || comment === undefined) break;
    identities.push(identityOf(Buffer.from(blob), stripControls(comment.toString())));
  }
  return identities;
}

function identityOf(blob: Buffer, comment: string): AgentIdentity {
  const type = keyType(blob) ?? 'unknown';
  // ssh2 takes the nonce of a certificate for a public key.
  if (type.includes('-cert-')) return { type, comment, blob, key: undefined };
  const key = parseKey(`${type} ${blob.toString('base64')}`);
  return { type, comment, blob, key: key instanceof Error ? undefined : key };
}

/** What a login with one key of the agent needs, and whether the server has asked for a signature. */
export interface AgentLogin {
  readonly agent: BaseAgent;
  readonly signed: () => boolean;
}

/** An agent that shows the server one key only: sshd counts every key shown as an attempt (MaxAuthTries). */
export function loginWith(socketPath: string, key: ParsedKey): AgentLogin {
  const agent = new OneKeyAgent(createAgent(socketPath), key);
  return { agent, signed: () => agent.signatures > 0 };
}

/** ssh2 accepts nothing but instances of its own base class. */
class OneKeyAgent extends BaseAgent<ParsedKey> {
  signatures = 0;
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.#key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    this.signatures += 1;
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, callback);
  }
}
