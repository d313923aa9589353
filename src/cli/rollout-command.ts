import type { Command } from './commands.ts';
import { flagSets, listFormats } from './flags.ts';

const reaching = [
  ...flagSets.selection,
  ...flagSets.connection,
  'connectTimeout',
  'hostTimeout',
  'concurrency',
] as const;
const shown = ['format', 'quiet', 'verbose'] as const;

const says = {
  sudo: 'run the scripts as root by sudo, without a password or with that of $SYNAUDIT_SUDO_PASSWORD',
  format: listFormats,
};

/** `synaudit rollout`, as data. */
export const rolloutCommand: Command = {
  name: 'rollout',
  args: '<dir> [host...]',
  about: 'Run the reviewed scripts of a plan: canary first, then batches, a health gate after each',
  details: [
    'Each cohort begins with its own canary. At the gate every change must hold, no cause may act that did not act before, and counters that the change stops must stand still. A failed gate, or more failed hosts in a batch than --max-fail, stops everything and rolls back what that batch changed (exit 1).',
    'A host that is not reached, or whose script refuses because the facts of the plan do not hold there, is not changed and does not count as failed: the rollout goes on without it (exit 3).',
    'Ctrl-C finishes the open hosts and begins nothing more. --resume goes on from the log, also after a crash: hosts whose script was sent, and whose answer is not in the log, are asked first.',
  ],
  flags: [
    ...reaching,
    'canary',
    'batch',
    'maxFail',
    'probe',
    'interval',
    'wait',
    'planDigest',
    'yes',
    'dryRun',
    'resumeRollout',
    'log',
    ...shown,
  ],
  says: { ...says, interval: 'between the two samples of the counters that a gate compares (default: 2)' },
  examples: [
    'synaudit rollout change-4711 --dry-run           what would change, on every host; changes nothing',
    'synaudit rollout change-4711 --sudo              one canary, then 10 % at a time',
    'synaudit rollout change-4711 --canary 2 --batch 5 --max-fail 1 -l "web,!web03" --probe',
    'synaudit rollout change-4711 --resume            after Ctrl-C or a crash',
    'synaudit rollout change-4711 --log               every step that was taken, by whom and when',
    'synaudit rollout change-4711 --plan-digest sha256:9f86…  a plan that was written and reviewed elsewhere',
  ],
  exits:
    'Exit codes: 0 all done · 1 a gate failed · 2 bad input · 3 hosts not changed · 4 internal error · 130 interrupted',
  load: async () => (await import('./rollout.ts')).rollout,
};

/** `synaudit rollback`, as data. */
export const rollbackCommand: Command = {
  name: 'rollback',
  args: '<dir> [host...]',
  about: 'Take back what a plan changed: running values, files and their modes, as they were before',
  details: [
    'On the hosts that the logs of its rollouts say are changed; on those that are named or selected by --limit; without a log on every host of the plan. One that was never changed says so. Exit 1: a host could not be rolled back; 3: a host was not reached.',
  ],
  flags: [...reaching, 'batch', 'wait', 'planDigest', 'yes', ...shown],
  says: {
    ...says,
    batch:
      'hosts rolled back at a time: a number, or a share of all like 10%; `serial` of a group bounds it (default: 100%)',
  },
  examples: ['synaudit rollback change-4711', 'synaudit rollback change-4711 -l web03 --yes'],
  exits:
    'Exit codes: 0 all done · 1 not rolled back · 2 bad input · 3 hosts not reached · 4 internal error · 130 interrupted',
  load: async () => (await import('./rollback.ts')).rollback,
};
