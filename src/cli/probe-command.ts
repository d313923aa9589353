import type { Command } from './commands.ts';
import { flagSets, listFormats } from './flags.ts';

/** `synaudit probe`. */
export const probeCommand: Command = {
  name: 'probe',
  about: 'Measure how often connections fail and how long they take, from here or from hosts; compare before and after',
  details: [
    'FAILED counts attempts: until --timeout is over the kernel sends a SYN without an answer again (after 1 s, and further times), so few attempts fail where single SYNs are lost. SYN LOST counts those: first SYNs that got no answer in time. A --timeout below 1s makes both the same.',
  ],
  flags: [
    'to',
    'from',
    'inventory',
    'attempts',
    'rate',
    'timeout',
    'concurrency',
    'allowMany',
    'runTimeout',
    'compare',
    ...flagSets.output,
    ...flagSets.login,
    'connectTimeout',
    'hostTimeout',
  ],
  says: {
    concurrency: 'attempts open at once from one place (default: 128)',
    format: listFormats,
    output: 'write a file as well, mode 0600; repeatable. Without a format its ending decides: .json .txt',
  },
  examples: [
    'synaudit probe --to web01:8080                              100 attempts, 20 a second',
    'synaudit probe --to web01:8080 --attempts 1000 --compare latest   what changed since the last one',
    'synaudit probe --to web                                     every service of the inventory group web',
    'synaudit probe --from app --to "db[1-3]:5432"               a matrix; by SSH, nothing is started on app',
  ],
  exits:
    'Exit codes: 0 done, whatever failed · 2 bad input · 3 a host was not reached, or not all attempts were made · 4 internal error · 130 interrupted',
  load: async () => (await import('./probe.ts')).probe,
};
