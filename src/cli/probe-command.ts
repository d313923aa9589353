import type { Command } from './commands.ts';
import { flagSets } from './flags.ts';

/** `synaudit probe`. */
export const probeCommand: Command = {
  name: 'probe',
  about: 'Measure how often connections fail and how long they take, from here or from hosts; compare before and after',
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
    // Nothing is run on a host.
    ...flagSets.connection.filter(name => name !== 'sudo'),
    'connectTimeout',
    'hostTimeout',
  ],
  examples: [
    'synaudit probe --to web01:8080                              100 attempts, 20 a second',
    'synaudit probe --to web01:8080 --attempts 1000 --compare latest   what changed since the last one',
    'synaudit probe --to web                                     every service of the inventory group web',
    'synaudit probe --from app --to "db[1-3]:5432"               a matrix; by SSH, nothing is started on app',
  ],
  load: async () => (await import('./probe.ts')).probe,
};
