import type { StoredRun } from '../history/read.ts';
import { severities } from '../model/rule.ts';
import type { RunEvent } from '../model/run.ts';
import type { Action } from './commands.ts';
import { besideDashboard, dashboardSettings, eventsOf, showDashboard, whenLeft } from './dashboard.ts';
import { exitCodes } from './exit.ts';
import { openOutputs, outputSettings } from './output.ts';
import { readOptions } from './settings.ts';
import { namedRun } from './store.ts';

/** `synaudit report [RUN]`: shows a stored run again, in any format; also one that crashed. */
export const report: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const output = outputSettings(read, 'report', world);
  const failOn = read.choice('failOn', [...severities, 'never'] as const);
  const allowIncomplete = read.isOn('allowIncomplete');
  const dashboard = dashboardSettings(read, world);
  read.done();
  const stored = await namedRun(args[0] ?? 'latest', world);
  const policy = {
    failOn: failOn ?? stored.run.failOn,
    allowIncomplete: allowIncomplete || stored.run.allowIncomplete,
  };
  if (stored.end === null)
    world.stderr.write(
      `synaudit: run ${stored.run.id} did not end: ${stored.results.size} of ${stored.run.hostCount} hosts are in it\n`,
    );
  if (dashboard === undefined) return replay(stored, { policy, outputs: openOutputs(output, world) });
  const outputs = openOutputs(besideDashboard(output), world);
  const shown = await showDashboard(
    dashboard,
    {
      command: 'report',
      canRetry: false,
      watchSeconds: null,
      starting: 'reading the run',
      output,
      interrupt: () => {},
    },
    world,
  );
  const both = {
    ...outputs,
    accept(event: RunEvent) {
      outputs.accept(event);
      shown.accept(event);
    },
  };
  const exitCode = replay(stored, { policy, outputs: both });
  return whenLeft(shown, { exitCode, verbose: output.verbose, world });
};

interface Replay {
  readonly policy: Pick<StoredRun['run'], 'failOn' | 'allowIncomplete'>;
  readonly outputs: ReturnType<typeof openOutputs>;
}

function replay(stored: StoredRun, { policy, outputs }: Replay): number {
  let exitCode: number = exitCodes.done;
  for (const event of eventsOf(stored, policy)) {
    outputs.accept(event);
    if (event.type === 'end') exitCode = event.summary.exitCode;
  }
  outputs.close();
  return exitCode;
}
