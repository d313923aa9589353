/** The argument vector of `ssh` for one plan: ssh(1), ssh_config(5). Everything that is ours wins over ssh_config. */
import type { ConnectPlan, HostKeyPolicy } from '../model/plan.ts';
import { olderThanModern } from './algorithms.ts';
import { Refusal } from './errors.ts';
import type { SshAbilities } from './openssh-abilities.ts';

/** Asks nobody, shares nothing, changes no file, opens nothing but one session. `*` lets older versions skip what is new. */
const always = [
  'IgnoreUnknown=*',
  'BatchMode=yes',
  'NumberOfPasswordPrompts=0',
  'RequestTTY=no',
  'RemoteCommand=none',
  'SessionType=default',
  'StdinNull=no',
  'ForkAfterAuthentication=no',
  'EscapeChar=none',
  'ControlMaster=no',
  'ControlPath=none',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'Tunnel=no',
  'PermitLocalCommand=no',
  'AddKeysToAgent=no',
];

/** Only the files of the plan decide about a host key, and none of them is rewritten. */
const nothingElseDecides = [
  'GlobalKnownHostsFile=/dev/null',
  'KnownHostsCommand=none',
  'VerifyHostKeyDNS=no',
  'CheckHostIP=no',
  'UpdateHostKeys=no',
];

/** Arguments that run `command` on the host of the plan, with the course of the connection on standard error. */
export const sshArguments = (plan: ConnectPlan, abilities: SshAbilities, command: string): readonly string[] => [
  '-v',
  '-T',
  ...connectionArguments(plan, plan.hops, abilities),
  destination(plan),
  command,
];

/** Arguments of an ssh that starts nothing on the host, and shares its connection at a socket: ssh(1) -M, -N. */
export const sharingArguments = (plan: ConnectPlan, abilities: SshAbilities, socket: string): readonly string[] => [
  '-v',
  '-T',
  '-N',
  // The first value counts.
  ...['IgnoreUnknown=*', 'ControlMaster=yes', `ControlPath=${text(socket, tokens)}`, 'ControlPersist=no'].flatMap(
    option => ['-o', option],
  ),
  ...connectionArguments(plan, plan.hops, abilities),
  destination(plan),
];

function connectionArguments(
  plan: ConnectPlan,
  hops: readonly ConnectPlan[],
  abilities: SshAbilities,
): readonly string[] {
  const { deadlines, keepalive = { intervalMs: 10_000, countMax: 3 } } = plan;
  // Our own deadlines come first; this one is for the case that nobody is left to keep them.
  const connectSeconds = Math.ceil(((deadlines.connectMs + deadlines.handshakeMs) * (hops.length + 1)) / 1_000);
  const options = [
    ...always,
    `HostName=${text(plan.address, tokens)}`,
    `ConnectTimeout=${connectSeconds}`,
    `ServerAliveInterval=${Math.max(1, Math.round(keepalive.intervalMs / 1_000))}`,
    `ServerAliveCountMax=${keepalive.countMax}`,
    ...hostKeyOptions(plan.hostKeys),
    ...identityOptions(plan),
    ...algorithmOptions(plan, abilities),
    ...proxyOptions(plan, hops, abilities),
  ];
  return [
    ...(plan.sshConfig === undefined ? [] : ['-F', plan.sshConfig]),
    ...options.flatMap(option => ['-o', option]),
    '-p',
    String(plan.port),
    '-l',
    named('user', plan.user),
  ];
}

/** The name by which ssh_config knows the host; where it is, HostName says. */
const destination = ({ host }: ConnectPlan): string => named('host', host);

function named(what: 'host' | 'user', value: string): string {
  // What begins with a hyphen would be an option, and ssh before 7 has no way to say that it is none.
  if (value === '' || /^-|[\x00-\x1f\x7f]/.test(value) || (what === 'host' && /[@/\s]/.test(value))) {
    throw unsayable(`${what} ${JSON.stringify(value)}`);
  }
  return value;
}

function hostKeyOptions({ mode, files, appendTo, alias, revokedFile }: HostKeyPolicy): readonly string[] {
  const aliasOption = alias === undefined ? [] : [`HostKeyAlias=${text(alias)}`];
  if (mode === 'off') {
    const trusting = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'RevokedHostKeys=none'];
    return [...trusting, ...aliasOption, ...nothingElseDecides];
  }
  // ssh appends to the first.
  const known = [...new Set([appendTo, ...files])].map(file => text(file, tokens)).join(' ');
  return [
    `StrictHostKeyChecking=${mode === 'strict' ? 'yes' : 'accept-new'}`,
    `UserKnownHostsFile=${known}`,
    `RevokedHostKeys=${revokedFile === undefined ? 'none' : text(revokedFile, tokens)}`,
    ...aliasOption,
    ...nothingElseDecides,
  ];
}

/** Without a key that somebody named, ssh takes its own default keys, of which it knows more kinds. */
function identityOptions({ identityFiles, identitiesOnly, agentSocket, origins }: ConnectPlan): readonly string[] {
  const files = origins['identityFiles'] === 'default' ? [] : identityFiles;
  return [
    ...files.map(file => `IdentityFile=${text(file, tokens)}`),
    ...(identitiesOnly ? ['IdentitiesOnly=yes'] : []),
    `IdentityAgent=${agentSocket === undefined ? 'none' : text(agentSocket, tokens)}`,
  ];
}

/** What is older than ssh's own defaults, behind them; where ssh_config has a list, that one counts. */
function algorithmOptions(plan: ConnectPlan, abilities: SshAbilities): readonly string[] {
  const older = olderThanModern(plan.algorithms);
  const { algorithmChoices: choices = {} } = plan;
  const added = (family: keyof SshAbilities): string =>
    older[family].filter(name => abilities[family]?.includes(name) ?? true).join(',');
  const families = [
    ['KexAlgorithms', choices.kex, added('kex')],
    ['HostKeyAlgorithms', choices.hostKeys, added('hostKeys')],
    ['PubkeyAcceptedKeyTypes', choices.userKeys, added('hostKeys')],
    ['Ciphers', choices.ciphers, added('ciphers')],
    ['MACs', choices.macs, added('macs')],
  ] as const;
  return families.flatMap(([name, choice, names]) =>
    choice === undefined && names !== '' ? [`${name}=+${names}`] : [],
  );
}

/**
 * Hops as commands of our own: ssh -J would give the hop neither our host keys nor our deadlines. A ProxyCommand that
 * ssh_config gives is left to ssh.
 */
function proxyOptions(plan: ConnectPlan, hops: readonly ConnectPlan[], abilities: SshAbilities): readonly string[] {
  const hop = hops.at(-1);
  if (hop === undefined) return plan.proxyCommand === undefined ? ['ProxyCommand=none'] : [];
  const forward = ['-W', `[${plan.address}]:${plan.port}`];
  const args = [...connectionArguments(hop, hops.slice(0, -1), abilities), ...forward, destination(hop)];
  const command = ['ssh', ...args].map(shellWord).join(' ');
  return ['ProxyUseFdpass=no', `ProxyCommand=${tokens(command)}`];
}

/**
 * Backslashes, not quotes: ssh wants the quotes of an option to close in its own way of counting, which is not the shell's.
 */
const shellWord = (word: string): string => word.replace(/[^\w@%+=:,./-]/g, '\\$&');

/** ssh expands `%h` and the like in the value. */
const tokens = (value: string): string => value.replaceAll('%', '%%');

/** One word of an option, as ssh_config has it. */
function text(value: string, expanded: (value: string) => string = same): string {
  // No version of ssh lets a variable be escaped.
  if (value === '' || /[\x00-\x1f\x7f]|\$\{/.test(value)) throw unsayable(JSON.stringify(value));
  const escaped = expanded(value).replace(/["\\]/g, '\\$&');
  return /^[\w@%+=:,./[\]-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

const same = (value: string): string => value;

const unsayable = (what: string): Refusal =>
  new Refusal({
    outcome: 'unsupported',
    phase: 'plan',
    code: 'not-for-ssh',
    message: `${what} cannot be given to ssh`,
    hint: 'rename it, or use transport ssh2',
    retryable: false,
  });
