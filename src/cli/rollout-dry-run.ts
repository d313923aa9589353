import type { RolloutHost, StepResult } from '../model/rollout.ts';
import { stripControls } from '../text/ansi.ts';
import { foldHosts } from '../text/host-set.ts';
import { exitCodes } from './exit.ts';
import { type RolloutVisits, rolloutVisits } from './rollout-hosts.ts';
import type { World } from './world.ts';

interface DryRun {
  readonly visits: RolloutVisits;
  readonly hosts: readonly RolloutHost[];
  readonly format: 'table' | 'json';
  readonly quiet: boolean;
}

/** `--dry-run`: every host says what its script would do. Changes nothing. Exit code 3 where a host refuses or is not reached. */
export async function dryRun({ visits, hosts, format, quiet }: DryRun, world: World): Promise<number> {
  const { runScript } = rolloutVisits(visits);
  const stop = world.stopSignals(() => {});
  const results: { readonly host: RolloutHost; readonly result: StepResult }[] = [];
  const queue = [...hosts];
  const worker = async (): Promise<void> => {
    for (let host = queue.shift(); host !== undefined && !stop.winding.aborted; host = queue.shift()) {
      const result = await runScript(host.name, 'check', stop.now);
      results.push({ host, result });
      if (!quiet) world.stderr.write(`synaudit: ${stripControls(`${host.name}: ${result.end}`)}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(visits.concurrency, hosts.length) }, worker));
  stop.release();
  const order = new Map(hosts.map(({ name }, i) => [name, i]));
  results.sort((a, b) => (order.get(a.host.name) ?? 0) - (order.get(b.host.name) ?? 0));
  world.stdout.write(format === 'json' ? asJson(results) : asText(results));
  if (stop.winding.aborted) return exitCodes.interrupted;
  return results.every(({ result: { end } }) => end === 'done' || end === 'would-change')
    ? exitCodes.done
    : exitCodes.incomplete;
}

type Results = readonly { readonly host: RolloutHost; readonly result: StepResult }[];

const asJson = (results: Results): string =>
  `${JSON.stringify(
    results.map(({ host: { name, cohort }, result }) => ({ name, cohort, ...result })),
    null,
    2,
  )}\n`;

/** Hosts that say the same are told once. */
function asText(results: Results): string {
  const told = new Map<string, string[]>();
  for (const { host, result } of results) {
    const text = [`${host.cohort}: ${wordsOf(result)}`, ...(result.report?.steps ?? []), result.because ?? '']
      .filter(line => line !== '')
      .map(line => stripControls(line))
      .join('\n    ');
    const names = told.get(text);
    if (names === undefined) told.set(text, [host.name]);
    else names.push(host.name);
  }
  return Array.from(told, ([text, names]) => `${foldHosts(names)}\n  ${text}\n`).join('\n');
}

function wordsOf({ end }: StepResult): string {
  switch (end) {
    case 'would-change':
      return 'would change';
    case 'done':
      return 'nothing to do';
    case 'not-reached':
    case 'lost':
      return 'not reached';
    default:
      return end;
  }
}
