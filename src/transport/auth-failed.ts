/** What is said when a server accepts nothing that we have. */
import type { ConnectPlan } from '../model/plan.ts';
import { stripControls } from '../text/ansi.ts';
import { endpoint, Refusal } from './errors.ts';

/** The history of a failed login. */
export interface FailedLogin {
  readonly plan: ConnectPlan;
  /** For people, without secrets: `key file /root/.ssh/id_rsa (needs a passphrase)`. */
  readonly tried: readonly string[];
  /** Methods that the server named last. */
  readonly offered: readonly string[];
  /** Whether more could have been tried. */
  readonly exhausted: boolean;
}

/** The refusal `auth-failed`, with what was tried, what the server offers, and the likeliest way on. */
export function authFailed({ plan, tried, offered, exhausted }: FailedLogin): Refusal {
  const attempts = tried.length === 0 ? 'nothing: no key found' : tried.join(', ');
  const methods = offered.length === 0 ? 'nothing' : offered.map(stripControls).join(', ');
  const more = exhausted ? ' (more keys were there, but sshd would have closed the connection: MaxAuthTries)' : '';
  return new Refusal({
    outcome: 'auth-failed',
    phase: 'auth',
    code: exhausted ? 'too-many-attempts' : 'no-method-accepted',
    message: `login as ${plan.user} at ${endpoint(plan)} was refused; tried ${attempts}${more}; the server offers ${methods}`,
    hint:
      plan.transport === 'openssh' ? hintForSsh(tried.join('\n'), offered) : hint(tried.join('\n'), offered, exhausted),
    retryable: false,
  });
}

function hint(tried: string, offered: readonly string[], exhausted: boolean): string {
  if (exhausted) return 'name the one right key with --identity or IdentityFile, and set IdentitiesOnly';
  if (!offered.includes('publickey')) {
    return offered.includes('gssapi-with-mic')
      ? `with a Kerberos ticket ssh itself may get in: ${useOpenssh}`
      : 'the server takes no keys from this user: see AuthenticationMethods, Match User';
  }
  if (/passphrase/.test(tried)) return 'load the key into ssh-agent, or give its passphrase';
  if (/certificate/.test(tried)) return `ssh itself can log in with the certificate: ${useOpenssh}`;
  if (/FIDO/.test(tried)) return `ssh itself can log in with the FIDO key: ${useOpenssh}`;
  if (tried === '') return 'name a key with --identity or IdentityFile, or start ssh-agent';
  return "is this the right user, and is the key's public half in its authorized_keys? try ssh -v";
}

const useOpenssh = 'set transport: openssh for this host, or use --transport openssh';

function hintForSsh(tried: string, offered: readonly string[]): string {
  if (!offered.includes('publickey')) {
    return 'the server takes no keys from this user, and ssh asks for no password here: see AuthenticationMethods, kinit';
  }
  if (/passphrase|Load key/.test(tried)) return 'load the key into ssh-agent: ssh asks for no passphrase here';
  if (/-CERT/.test(tried))
    return 'look at the certificate (ssh-keygen -Lf): its principals, its dates, and TrustedUserCAKeys';
  if (/signing failed/.test(tried))
    return 'a FIDO key wants a touch or a PIN at every login: load it into ssh-agent without';
  if (tried === '') return 'name a key with --identity or IdentityFile, or start ssh-agent';
  return "is this the right user, and is the key's public half in its authorized_keys? try ssh -v";
}

/** The server wants a new password before it lets anybody in. */
export const passwordExpired = (plan: ConnectPlan): Refusal =>
  new Refusal({
    outcome: 'auth-failed',
    phase: 'auth',
    code: 'password-expired',
    message: `the password of ${plan.user} at ${endpoint(plan)} has expired`,
    hint: 'log in once with ssh and change it, or use a key',
    retryable: false,
  });
