/** From what `ssh` says when it ends with 255 to the one error that it means. Texts: sshconnect.c, ssh.c, packet.c, kex.c. */
import type { ConnectPlan } from '../model/plan.ts';
import { endpoint, Refusal, throughHop, unreachable } from './errors.ts';
import type { SshLog } from './openssh-log.ts';
import {
  changed,
  closed,
  denied,
  disagreement,
  disconnected,
  errnoOf,
  type Kind,
  lastHop,
  lost,
  noCommand,
  notSsh,
  prohibited,
  refusedConfig,
  resolverCode,
  revoked,
  type SshFailure,
  silent,
  ssh1,
  unknown,
} from './openssh-refusals.ts';

/** The one refusal. What a jump host did names it. */
export function refusalOfSsh(failure: SshFailure): Refusal {
  const { plan, said } = failure;
  const hop = culprit(plan, said);
  if (hop === undefined) return judged(failure);
  return throughHop(
    judged({ ...failure, plan: hop, phase: 'connect', tried: [], greeting: '', hostKey: undefined }),
    hop,
  );
}

/** Hops run an ssh of their own with the same standard error: what tells them apart is the address in its lines. */
function culprit({ hops, address, port }: ConnectPlan, said: readonly string[]): ConnectPlan | undefined {
  const names = ({
    address: name,
    port: at,
    hostKeys,
  }: Pick<ConnectPlan, 'address' | 'port' | 'hostKeys'>): readonly string[] => [
    `${name} port ${at}`,
    `[${name}]:${at}`,
    ...(hostKeys.alias === undefined ? [] : [` ${hostKeys.alias} `]),
    ...(at === 22 ? [`for ${name} `] : []),
  ];
  const blamed = said.find(line => decisive.test(line) && !line.includes(`${address} port ${port}`));
  if (blamed === undefined) return undefined;
  return hops.find(hop => names(hop).some(name => blamed.includes(name)) || blamed.includes(`@${hop.address}: `));
}

const decisive =
  /^ssh: |Permission denied \(|requested strict checking|has changed and you|Unable to negotiate|^Connection (?:closed|reset|timed out)|Received disconnect/;

/** One thing that ssh says, and what it means. The first that fits counts. */
type Reading = readonly [RegExp, (match: RegExpExecArray, failure: SshFailure) => Kind | Refusal];

const readings: readonly Reading[] = [
  [
    /^command-line(?: line \d+|: line \d+)?: (.*)|^(\S+: line \d+: .*)|^(Bad owner or permissions on .*)/,
    refusedConfig,
  ],
  [/^ssh: connect to host \S+ port \d+: (.*)/, ([, why = ''], { plan }) => unreachable(plan, errnoOf(why))],
  [/^ssh: Could not resolve hostname [^:]*: (.*)/, ([, why = ''], { plan }) => unreachable(plan, resolverCode(why))],
  [/^channel \d+: open failed: administratively prohibited/, ([text], failure) => prohibited(text, failure)],
  [
    /^channel \d+: open failed: connect failed: (.*)/,
    ([, why = ''], { plan }) => unreachable(plan, errnoOf(why), lastHop(plan)),
  ],
  [/REVOKED HOST KEY DETECTED|[Hh]ost key.*revoked/, (_, failure) => revoked(failure)],
  [/HOST IDENTIFICATION HAS CHANGED|^Host key for .* has changed and/, (_, failure) => changed(failure)],
  [/^No (?:\S+ )?host key is known for/, (_, failure) => unknown(failure)],
  [/incorrect signature|signature verification failed/, (_, { plan }) => lost('signature verification failed', plan)],
  [/^Host key verification failed/, (_, failure) => unknown(failure)],
  [/no matching (key exchange|host key|cipher|MAC)[^.]*\. Their offer: (\S*)/, disagreement],
  [/Too many authentication failures/, (_, { plan }) => disconnected(plan, 'Too many authentication failures')],
  [
    /Permission denied \(([^)]*)\)/,
    ([, methods = ''], { plan, tried, said }) => denied(plan, { methods, tried, said }),
  ],
  [/^Connection timed out during banner exchange|^Connection to \S+ port \d+ timed out/, (_, { plan }) => silent(plan)],
  [/^Timeout, server \S+ not responding/, (_, { plan, phase }) => lost('Keepalive timeout', plan, phase)],
  [/Protocol major versions differ|remote protocol version 1/i, (_, { plan }) => ssh1(plan)],
  [
    /banner line (?:contains invalid|too long)|[Bb]ad remote protocol version|No (?:SSH )?(?:identification|banner)/,
    (_, { plan }) => notSsh(plan),
  ],
  [/^(?:exec|shell) request failed|^channel \d+: open failed/, ([text], { plan }) => noCommand(plan, text)],
  [
    /^(?:kex|ssh)_exchange_identification: |^Connection (?:closed|reset) by |^Connection to \S+ closed|Broken pipe/,
    (_, failure) => closed(failure),
  ],
  [/^Bad packet length.*|^ssh_dispatch_run_fatal: [^:]*: .*/, ([text], { plan, phase }) => lost(text, plan, phase)],
  [/^Received disconnect from [^:]*:\d+: (.*)/, ([, text = ''], { plan }) => disconnected(plan, text)],
];

function judged(failure: SshFailure): Refusal {
  for (const [pattern, kindOf] of readings) {
    for (const line of failure.said) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const kind = kindOf(match, failure);
      if (kind instanceof Refusal) return kind;
      return new Refusal({ phase: failure.phase, ...kind });
    }
  }
  const last = (failure.said.at(-1) ?? '').slice(0, 200);
  return new Refusal({
    outcome: 'failed',
    phase: failure.phase,
    code: 'ssh-failed',
    message: `ssh to ${endpoint(failure.plan)} failed in phase ${failure.phase}${last && `: ${last}`}`,
    hint: 'try ssh -v to the same host',
    retryable: false,
  });
}

/** Remarks on a host key, for the result. */
export function notesOfSsh({ hostKeys }: ConnectPlan, log: SshLog): readonly string[] {
  if (hostKeys.mode === 'off') return ['host key was not checked (--host-keys off)'];
  if (!log.said().some(line => /^Warning: Permanently added /.test(line))) return [];
  const what = `new host key accepted: ${log.hostKey() ?? 'of an unknown kind'}`;
  const problem = log.said().find(line => /^Failed to add the host/.test(line));
  return [problem === undefined ? what : `${what}, but not remembered: ${problem.slice(0, 200)}`];
}
