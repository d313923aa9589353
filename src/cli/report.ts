import { createTally } from '../engine/summary.ts';
import type { StoredRun } from '../history/read.ts';
import { severities } from '../model/rule.ts';
import { noFleet } from '../model/run.ts';
import type { Action } from './commands.ts';
import { openOutputs, outputSettings } from './output.ts';
import { readOptions } from './settings.ts';
import { namedRun } from './store.ts';
import type { World } from './world.ts';

/** `synaudit report [RUN]`: shows a stored run again, in any format; also one that crashed. */
export const report: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const output = outputSettings(read, 'report', world);
  const failOn = read.choice('failOn', [...severities, 'never'] as const);
  const allowIncomplete = read.isOn('allowIncomplete');
  read.done();
  const stored = await namedRun(args[0] ?? 'latest', world);
  const policy = {
    failOn: failOn ?? stored.run.failOn,
    allowIncomplete: allowIncomplete || stored.run.allowIncomplete,
  };
  return replay(stored, { policy, outputs: openOutputs(output, world), world });
};

interface Replay {
  readonly policy: Pick<StoredRun['run'], 'failOn' | 'allowIncomplete'>;
  readonly outputs: ReturnType<typeof openOutputs>;
  readonly world: World;
}

function replay({ run, results, end }: StoredRun, { policy, outputs, world }: Replay): number {
  const tally = createTally();
  if (end === null)
    world.stderr.write(`synaudit: run ${run.id} did not end: ${results.size} of ${run.hostCount} hosts are in it\n`);
  outputs.accept({ type: 'run', run: { ...run, ...policy } });
  for (const result of results.values()) {
    tally.add(result);
    outputs.accept({ type: 'host', result, snapshot: null });
  }
  tally.addFleet(end?.fleet?.findings ?? []);
  const interrupted = end?.interrupted ?? true;
  const internalError = [...results.values()].some(({ error }) => error?.code === 'internal');
  const summary = tally.summary(policy, { interrupted, internalError });
  outputs.accept({
    type: 'end',
    finishedAt: end?.finishedAt ?? run.startedAt,
    interrupted,
    summary,
    fleet: end?.fleet ?? noFleet,
  });
  outputs.close();
  return summary.exitCode;
}
