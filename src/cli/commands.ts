import { type FlagName, flagSets, listFormats, type RawOptions } from './flags.ts';
import { probeCommand } from './probe-command.ts';
import { rollbackCommand, rolloutCommand } from './rollout-command.ts';
import type { World } from './world.ts';

/** What a command gets: its arguments and options as typed, and the world outside. Resolves to the exit code. */
export type Action = (
  call: { readonly args: readonly string[]; readonly options: RawOptions },
  world: World,
) => Promise<number>;

/** A command as data. Its code is loaded when it is called, so that `--help` starts as fast as Node does. */
export interface Command {
  readonly name: string;
  /** As commander reads them: `[host...]`. */
  readonly args?: string;
  readonly about: string;
  /** What a user must know before the first call, below `about` in its own help. */
  readonly details?: readonly string[];
  readonly flags: readonly FlagName[];
  /** What a flag is for here, where that is not what the table of flags says. */
  readonly says?: Readonly<Partial<Record<FlagName, string>>>;
  readonly examples: readonly string[];
  /** What its exit codes say, where that is not what those of an audit say. */
  readonly exits?: string;
  readonly load: () => Promise<Action>;
}

/** A command that only holds others: `synaudit runs list`. */
export interface CommandGroup {
  readonly name: string;
  readonly about: string;
  readonly commands: readonly Command[];
}

const { selection, output, screen, verdict, visiting, connection } = flagSets;

const inventoryCommands: CommandGroup = {
  name: 'inventory',
  about: 'Look at an inventory',
  commands: [
    {
      name: 'list',
      about: 'The hosts, expanded and selected',
      flags: [...selection, 'format', 'sshConfig', 'verbose'],
      says: { format: listFormats },
      examples: ['synaudit inventory list', 'synaudit inventory list -l "web,!web03" -f json'],
      load: async () => (await import('./inventory.ts')).list,
    },
    {
      name: 'check',
      about: 'Say what is wrong with it, with file, line and column; or what is in it',
      flags: [...selection, 'sshConfig', 'verbose'],
      examples: ['synaudit inventory check -i fleet.yaml'],
      load: async () => (await import('./inventory.ts')).check,
    },
    {
      name: 'import',
      args: '[file...]',
      about: 'Print any inventory that is read (of Ansible, ssh_config, ClusterShell, genders, lists) in our own YAML',
      flags: [...selection, 'sshConfig', 'quiet', 'verbose'],
      examples: [
        'synaudit inventory import hosts.ini > inventory.yaml',
        'synaudit inventory import -i ./ec2.py -l web',
      ],
      load: async () => (await import('./inventory.ts')).importFrom,
    },
    {
      name: 'explain',
      args: '<host>',
      about: 'How one host would be reached: each value, and the flag, file and line, or default that it comes from',
      flags: ['inventory', 'format', ...connection, 'connectTimeout', 'hostTimeout', 'quiet', 'verbose'],
      says: { format: listFormats },
      examples: ['synaudit inventory explain web01', 'synaudit inventory explain admin@web01:2222 -f json'],
      load: async () => (await import('./inventory.ts')).explain,
    },
  ],
};

const runsCommands: CommandGroup = {
  name: 'runs',
  about: 'The store of runs, under $XDG_STATE_HOME/synaudit/runs (default ~/.local/state)',
  commands: [
    {
      name: 'list',
      about: 'Stored runs and probes, newest first',
      flags: ['format', 'verbose'],
      says: { format: listFormats },
      examples: ['synaudit runs list', 'synaudit runs list -f json'],
      load: async () => (await import('./runs.ts')).list,
    },
    {
      name: 'show',
      args: '[run]',
      about: 'What one run or probe was: when, of what, how it ended, its file',
      flags: ['format', 'verbose'],
      says: { format: listFormats },
      examples: ['synaudit runs show', 'synaudit runs show 20261122T1949'],
      load: async () => (await import('./runs.ts')).show,
    },
    {
      name: 'prune',
      about: 'Remove all but the newest runs',
      flags: ['keep', 'quiet', 'verbose'],
      examples: ['synaudit runs prune --keep 10'],
      load: async () => (await import('./runs.ts')).prune,
    },
  ],
};

const rulesCommands: CommandGroup = {
  name: 'rules',
  about: 'What is looked for: every cause of an unanswered SYN, how it is proved and what to do',
  commands: [
    {
      name: 'list',
      about: 'Every rule, and the condition that it wants',
      flags: ['format', 'verbose'],
      says: { format: listFormats },
      examples: ['synaudit rules list', 'synaudit rules list -f json'],
      load: async () => (await import('./rules.ts')).list,
    },
    {
      name: 'explain',
      args: '<id>',
      about: 'What goes wrong, how it comes about, how it is proved, fix, risk and sources of one rule',
      flags: ['format', 'verbose', 'color'],
      says: { format: 'table, json or markdown on stdout (default: table)' },
      examples: ['synaudit rules explain tw-recycle', 'synaudit rules explain accept-queue-overflow -f markdown'],
      load: async () => (await import('./rules.ts')).explain,
    },
  ],
};

/** Every command of the program. What is not here is not offered. */
export const commands: readonly (Command | CommandGroup)[] = [
  {
    name: 'audit',
    args: '[host...]',
    about: 'Visit every host of the inventory (or the hosts given), judge, show, store the run',
    flags: [...selection, 'retry', 'resume', ...output, ...screen, ...verdict, 'watch', ...visiting, ...connection],
    examples: [
      'synaudit audit                                   every host of inventory.yaml',
      'synaudit audit admin@web01 10.0.0.7:2222         no inventory',
      'synaudit audit -l "web,!web03" --interval 10     a group but one; rates over 10 s',
      'synaudit audit -f ndjson -o report.json          stream, and keep a document',
      'synaudit audit --client 203.0.113.7              which hosts drop this client, and why',
      'synaudit audit --profile readiness               a gate before clients move behind NAT',
      'synaudit audit --retry latest                    only what was not audited last time',
      'synaudit audit --watch 60                        a round a minute; what changes is marked',
    ],
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'demo',
    about: 'The same audit against an embedded fleet on loopback: no inventory, no server needed',
    flags: [
      'hosts',
      'serve',
      ...output,
      ...screen,
      'profile',
      'client',
      'failOn',
      'interval',
      'concurrency',
      'maxOpen',
    ],
    examples: ['synaudit demo', 'synaudit demo --hosts 1000', 'synaudit demo --serve'],
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'ingest',
    args: '<path...>',
    about:
      'Judge without visiting: saved collector output, a saved tree or sosreport, pasted texts (netstat -s, sysctl -a …)',
    flags: ['earlier', 'asHost', 'inventory', ...output, ...verdict],
    examples: [
      'synaudit ingest saved/*.txt',
      'synaudit ingest web01/after --earlier web01/before',
      'synaudit ingest /var/lib/machines/old --as-host old7',
      'synaudit ingest netstat.txt sysctl.txt --as-host web01   texts of one host, joined',
      'netstat -s | synaudit ingest -                           - is standard input',
    ],
    load: async () => (await import('./ingest.ts')).ingest,
  },
  {
    name: 'collector',
    about: 'Print the script that an audit runs on a host, for other engines to run; ingest takes what it prints',
    flags: ['interval', 'sockets', 'verbose'],
    examples: ['synaudit collector > collector.sh', 'synaudit collector --interval 5 | ssh web01 sh -s > web01.txt'],
    load: async () => (await import('./collector.ts')).collector,
  },
  {
    name: 'report',
    args: '[run]',
    about: 'Show or convert a stored run (default: latest); on a terminal in the dashboard',
    flags: [...output, ...screen, 'failOn', 'allowIncomplete'],
    examples: ['synaudit report', 'synaudit report 20261122T1949 -f json'],
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'diff',
    args: '[run] [run]',
    about: 'What changed between two stored runs (default: previous and latest); on a terminal in the dashboard',
    flags: [...output, ...screen, 'failOn', 'allowIncomplete'],
    says: {
      format: 'table, json or html on stdout (default: table)',
      output: 'write a file as well, mode 0600; repeatable. Without a format its ending decides: .json .html .txt',
    },
    examples: [
      'synaudit diff                            the latest run against the one before it',
      'synaudit diff 20261122T1949              that run against the latest',
      'synaudit diff 20261122T1949 20261123T08  fixed, new, still open, settings, rates before and after',
      'synaudit diff -f html > rollout.html     the proof of a change, as one page',
    ],
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'fix',
    args: '[run]',
    about: 'Write what would clear the findings of a stored run (default: latest), to be reviewed; changes no host',
    flags: ['out', 'limit', 'rule', 'severity', 'only', 'force', 'format', 'quiet', 'verbose'],
    says: { format: listFormats, force: 'replace a plan that is there' },
    examples: [
      'synaudit fix --out change-4711                        scripts, plan, README for the change ticket',
      'synaudit fix --out change-4711 --rule tw-recycle -l web',
      'synaudit fix 20261122T1949 --out now --severity high --only net.core.somaxconn',
    ],
    load: async () => (await import('./fix.ts')).fix,
  },
  rolloutCommand,
  rollbackCommand,
  probeCommand,
  runsCommands,
  inventoryCommands,
  rulesCommands,
  {
    name: 'init',
    about: 'Write inventory.yaml to start from: every key, explained',
    args: '[file]',
    flags: ['force', 'verbose'],
    examples: ['synaudit init', 'synaudit init fleet.yaml'],
    load: async () => (await import('./init.ts')).init,
  },
];
