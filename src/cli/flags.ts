/** One flag of the command line. Help is made from this table; commands pick their flags from it by name. */
export interface Flag {
  /** As commander reads it: short, long, and the name of the value. */
  readonly spec: string;
  readonly about: string;
  readonly group: 'Hosts' | 'Output' | 'Connection' | 'Run' | 'Verdict' | 'Options';
  /** May be given more than once. */
  readonly many?: true;
}

/**
 * Every flag of the program, once. The key is the flag's long name as the parser stores it (`--max-open` is `maxOpen`).
 * Values stay text here: what they mean, and whether they make sense, is decided in settings.ts.
 */
export const flags = {
  inventory: {
    spec: '-i, --inventory <file>',
    group: 'Hosts',
    many: true,
    about:
      'inventory: ours, of Ansible, ssh_config or a list; file, directory, program, - for stdin; repeatable (default: inventory.yaml, or $SYNAUDIT_INVENTORY)',
  },
  limit: {
    spec: '-l, --limit <pattern>',
    group: 'Hosts',
    about: 'only these hosts: names, globs, ranges, groups, ~regex, group[0:2], @file; !x leaves out, &x intersects',
  },
  retry: { spec: '--retry <run>', group: 'Hosts', about: 'only the hosts that a stored run did not audit' },
  resume: { spec: '--resume <run>', group: 'Hosts', about: 'go on with a stored run that was interrupted' },

  format: {
    spec: '-f, --format <name>',
    group: 'Output',
    about: 'table, json, ndjson or html on stdout (default: table)',
  },
  output: {
    spec: '-o, --output <[format=]file>',
    group: 'Output',
    many: true,
    about: 'write a file as well, mode 0600; repeatable. Without a format its ending decides: .json .ndjson .html .txt',
  },
  quiet: { spec: '-q, --quiet', group: 'Output', about: 'no progress and no remarks on stderr; errors stay' },
  verbose: { spec: '-v, --verbose', group: 'Output', about: 'every host name in full; the stack of an internal error' },
  color: { spec: '--no-color', group: 'Output', about: 'no colour (as with $NO_COLOR, or off a terminal)' },

  tui: {
    spec: '--no-tui',
    group: 'Output',
    about: 'no dashboard on a terminal, but the table (as with -f, -q, $CI, or off a terminal)',
  },
  ascii: { spec: '--ascii', group: 'Output', about: 'draw the dashboard in ASCII (as in a locale that is not UTF-8)' },

  user: { spec: '--user <name>', group: 'Connection', about: 'log in as this user' },
  identity: {
    spec: '--identity <file>',
    group: 'Connection',
    about: 'private key to log in with; its passphrase is asked for, or taken from $SYNAUDIT_PASSPHRASE',
  },
  jump: { spec: '--jump <hop>', group: 'Connection', about: 'jump hosts, comma-separated, outermost first' },
  sshConfig: {
    spec: '--ssh-config <file>',
    group: 'Connection',
    about: 'read this instead of ~/.ssh/config and /etc/ssh/ssh_config; none: read neither',
  },
  knownHosts: { spec: '--known-hosts <file>', group: 'Connection', about: 'check host keys against this file alone' },
  hostKeys: {
    spec: '--host-keys <mode>',
    group: 'Connection',
    about: 'strict, accept-new, or off (dangerous: whoever answers is believed) (default: strict)',
  },
  transport: {
    spec: '--transport <name>',
    group: 'Connection',
    about: 'ssh2, openssh (the ssh of this machine) or local (default: ssh2; local for localhost)',
  },
  algorithms: {
    spec: '--algorithms <profile>',
    group: 'Connection',
    about: 'offer servers modern, compatible (as old as RHEL 6) or legacy SSH algorithms (default: modern)',
  },
  sudo: {
    spec: '--sudo',
    group: 'Connection',
    about:
      'read as root by sudo, which network namespaces need; without a password, or with that of $SYNAUDIT_SUDO_PASSWORD',
  },
  connectTimeout: {
    spec: '--connect-timeout <duration>',
    group: 'Connection',
    about: 'for the TCP connection (default: ConnectTimeout of ssh_config, or 5s)',
  },
  hostTimeout: {
    spec: '--host-timeout <duration>',
    group: 'Connection',
    about: 'for the whole visit of a host (default: 60s)',
  },
  runTimeout: {
    spec: '--run-timeout <duration>',
    group: 'Run',
    about: 'for the whole run: what is open then is interrupted, the rest skipped',
  },

  interval: {
    spec: '--interval <seconds>',
    group: 'Run',
    about: 'between the two samples of the counters; 0: one sample (default: 2)',
  },
  concurrency: {
    spec: '--concurrency <n>',
    group: 'Run',
    about: 'handshakes in flight (default: 64)',
  },
  maxOpen: {
    spec: '--max-open <n>',
    group: 'Run',
    about: 'sessions open at once (default: 1024, or half the descriptor limit if that is less)',
  },
  watch: {
    spec: '--watch <seconds>',
    group: 'Run',
    about: 'audit again and again, a round every so many seconds, until Ctrl-C',
  },
  sockets: {
    spec: '--sockets <how>',
    group: 'Run',
    about: 'bounded, or all: read the socket tables also above 100,000 sockets (default: bounded)',
  },

  profile: {
    spec: '--profile <name>',
    group: 'Verdict',
    about: 'audit, or readiness: judge as if clients behind NAT came tomorrow (default: audit)',
  },
  client: {
    spec: '--client <cidr>',
    group: 'Verdict',
    about: 'say which hosts drop this client (a network or one address), or would, and on what evidence',
  },
  failOn: {
    spec: '--fail-on <severity>',
    group: 'Verdict',
    about: 'exit 1 from this severity on: critical high medium low info never (default: high)',
  },
  allowIncomplete: { spec: '--allow-incomplete', group: 'Verdict', about: 'exit 0 even if some host was not audited' },

  earlier: {
    spec: '--earlier <path>',
    group: 'Options',
    about: 'an older tree, output or text of the same host: the first sample',
  },
  asHost: {
    spec: '--as-host <name>',
    group: 'Options',
    about: 'name of the host (default: the last part of the path); joins several paths into one host',
  },
  keep: { spec: '--keep <n>', group: 'Options', about: 'how many runs stay, the newest (default: 50)' },
  hosts: { spec: '--hosts <n>', group: 'Options', about: 'size of the fleet' },
  serve: {
    spec: '--serve',
    group: 'Options',
    about: 'audit nothing: leave the fleet running and print how to reach it',
  },
  out: { spec: '--out <dir>', group: 'Options', about: 'directory to write the plan to; it must be new or empty' },
  rule: { spec: '--rule <id>', group: 'Options', many: true, about: 'only what this rule asks for; repeatable' },
  severity: {
    spec: '--severity <level>',
    group: 'Options',
    about: 'only findings of this severity and worse: critical high medium low info (default: info)',
  },
  only: { spec: '--only <key>', group: 'Options', many: true, about: 'only this sysctl key; repeatable' },
  to: {
    spec: '--to <target>',
    group: 'Hosts',
    many: true,
    about:
      'what is connected to: HOST:PORT, web[01-40]:8080, [2001:db8::1]:443; or a pattern of inventory hosts: all their services; repeatable',
  },
  from: {
    spec: '--from <pattern>',
    group: 'Hosts',
    about: 'inventory hosts to connect from, by SSH forwarding: nothing is started on them (default: from here)',
  },
  attempts: { spec: '--attempts <n>', group: 'Run', about: 'of each pair of place and target (default: 100)' },
  rate: {
    spec: '--rate <n>',
    group: 'Run',
    about: 'attempts per second to one target, from all places together (default: 20)',
  },
  timeout: {
    spec: '--timeout <duration>',
    group: 'Run',
    about: 'until an attempt counts as unanswered (default: 10s, so that SYNs sent again after 1, 3 and 7 s are seen)',
  },
  compare: {
    spec: '--compare <probe>',
    group: 'Verdict',
    about: 'say what changed since a stored probe: its id, latest, or a file',
  },
  allowMany: { spec: '--allow-many', group: 'Run', about: 'more than 100,000 attempts in all' },
  canary: { spec: '--canary <n>', group: 'Run', about: 'hosts of each cohort that are changed first (default: 1)' },
  batch: {
    spec: '--batch <n>',
    group: 'Run',
    about:
      'hosts changed at a time: a number, or a share of all like 10%; `serial` of a group bounds it (default: 10%)',
  },
  maxFail: {
    spec: '--max-fail <n>',
    group: 'Run',
    about: 'hosts of a batch that may fail before everything stops and the batch is rolled back (default: 0)',
  },
  probe: {
    spec: '--probe',
    group: 'Run',
    about: 'connect to the services of each host from here before and after; a rise of failures fails the gate',
  },
  wait: {
    spec: '--wait <duration>',
    group: 'Run',
    about: 'for a host whose session was lost to come back and tell (default: 3m)',
  },
  planDigest: {
    spec: '--plan-digest <sha256:...>',
    group: 'Options',
    about: 'the digest that was signed off, for a plan that fix did not write here',
  },
  yes: { spec: '-y, --yes', group: 'Options', about: 'do not ask before the first change' },
  dryRun: { spec: '--dry-run', group: 'Options', about: 'let every host say what would change; changes nothing' },
  /** Without a value, unlike that of an audit: both are stored as `resume`. */
  resumeRollout: { spec: '--resume', group: 'Options', about: 'go on with the newest rollout of this plan' },
  log: { spec: '--log', group: 'Options', about: 'print what rollouts and rollbacks of this plan did; visits no host' },
  force: { spec: '--force', group: 'Options', about: 'overwrite a file that is there' },
} as const satisfies Record<string, Flag>;

/** `--format` of commands that know these alone. */
export const listFormats = 'table or json on stdout (default: table)';

export type FlagName = keyof typeof flags;

/** What was typed: texts, lists of texts, switches. Nothing is checked yet. */
export type RawOptions = Readonly<Partial<Record<FlagName, string | readonly string[] | boolean>>>;

const login = ['user', 'identity', 'jump', 'sshConfig', 'knownHosts', 'hostKeys', 'transport', 'algorithms'] as const;
const output = ['format', 'output', 'quiet', 'verbose', 'color'] as const;
const screen = ['tui', 'ascii'] as const;
const verdict = ['profile', 'client', 'failOn', 'allowIncomplete'] as const;

/** Flags that go together. */
export const flagSets = {
  selection: ['inventory', 'limit'],
  output,
  screen,
  verdict,
  visiting: ['interval', 'concurrency', 'maxOpen', 'sockets', 'runTimeout', 'connectTimeout', 'hostTimeout'],
  login,
  connection: [...login, 'sudo'],
} as const satisfies Record<string, readonly FlagName[]>;
