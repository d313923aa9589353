import { type ComparedRun, loadComparedRun } from '../history/compared.ts';
import { compareRuns } from '../history/diff.ts';
import { findRun } from '../history/read.ts';
import type { RunDiff } from '../model/diff.ts';
import { inputError } from '../model/input-error.ts';
import { severities } from '../model/rule.ts';
import { type DiffFormatName, diffSinks } from '../report/diff/index.ts';
import { conclusion } from '../report/diff/sentences.ts';
import { stripControls } from '../text/ansi.ts';
import type { Action } from './commands.ts';
import { dashboardSettings, eventsOf, showDashboard, whenLeft } from './dashboard.ts';
import { destinationsOf, hasColor, openTarget } from './output.ts';
import { readOptions } from './settings.ts';
import { expandHome, runsDirectory, type World } from './world.ts';

const formats = Object.keys(diffSinks) as DiffFormatName[];

/** `synaudit diff [A] [B]`: what is otherwise in the later of two stored runs. */
export const diff: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const destinations = destinationsOf(formats, read, world);
  const failOn = read.choice('failOn', [...severities, 'never'] as const);
  const isIncompleteFine = read.isOn('allowIncomplete');
  const dashboard = dashboardSettings(read, world);
  const color = hasColor(read, world);
  const verbose = read.isOn('verbose');
  read.done();
  const [before, after] = await bothRuns(args, world);
  const policy = {
    failOn: failOn ?? after.run.failOn,
    allowIncomplete: isIncompleteFine || after.run.allowIncomplete,
  };
  const compared = compareRuns(before, after, policy);
  const { exitCode } = compared.summary;
  const next = nextSteps(compared);
  const shown = dashboard === undefined ? destinations : destinations.filter(({ file }) => file !== undefined);
  // all are opened before the first is written: a path that cannot be written is told at once
  const opened = shown.map(destination => ({ ...destination, target: openTarget(destination, world) }));
  for (const { format, file, target } of opened) {
    const { write, width } = target;
    diffSinks[format](compared, { write, width, color: color && file === undefined, verbose, next });
    target.close();
  }
  if (dashboard === undefined) return exitCode;
  const output = { destinations: [], color, verbose, quiet: false, next: { always: next } };
  const screen = await showDashboard(
    dashboard,
    { command: 'diff', canRetry: false, watchSeconds: null, output, interrupt: () => {} },
    world,
  );
  for (const round of [earlierRound(before, after), after])
    for (const event of eventsOf(round, policy)) screen.accept(event);
  screen.note(`${conclusion(compared)} ↻ marks what changed since ${before.run.id}.`);
  const code = await whenLeft(screen, { exitCode, verbose, world });
  // the dashboard leaves nothing on the screen
  world.stderr.write(`${stripControls(`${conclusion(compared)} Next: ${next.join(' · ')}`)}\n`);
  return code;
};

/** Loads the runs that are meant: two names, one and the latest, or the two newest. Throws InputError. */
async function bothRuns(
  [first, second]: readonly string[],
  world: World,
): Promise<readonly [ComparedRun, ComparedRun]> {
  const find = (name: string) => findRun(runsDirectory(world), expandHome(name, world));
  const files = [await find(first ?? 'previous'), await find(second ?? 'latest')] as const;
  if (files[0] === files[1] && second === undefined)
    throw inputError(`${first} is the latest run itself: name an earlier one, or two (synaudit runs list)`);
  const [before, after] = [await loadComparedRun(files[0]), await loadComparedRun(files[1])];
  // ids of one second sort by chance
  const isTurned = first === undefined && Date.parse(before.run.startedAt) > Date.parse(after.run.startedAt);
  return isTurned ? [after, before] : [before, after];
}

/** The earlier run as the first round of a watch: the dashboard marks what the second changes. Hosts that are gone are not shown. */
const earlierRound = (before: ComparedRun, { results }: ComparedRun): ComparedRun => ({
  ...before,
  results: new Map([...before.results].filter(([name]) => results.has(name))),
});

/** What to type next: what calls for somebody first. */
function nextSteps({ before, after, summary }: RunDiff): readonly string[] {
  const { findings, hosts } = summary;
  const isOpen = (['new', 'worse', 'first-seen', 'better', 'changed', 'same'] as const).some(kind =>
    severities.some(severity => findings[kind][severity] > 0),
  );
  return [
    ...(hosts.lost > 0 ? [`synaudit audit --retry ${after.id} (what was not reached)`] : []),
    ...(isOpen
      ? [
          `synaudit report ${after.id} (what is open, with evidence)`,
          `synaudit fix ${after.id} --out DIR (what would clear it, to be reviewed)`,
        ]
      : []),
    `synaudit diff ${before.id} ${after.id} -f json (host by host)`,
  ];
}
