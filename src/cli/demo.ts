import { collectorScript } from '../collect/script.ts';
import { type Fleet, startFleet } from '../demo/fleet.ts';
import { defaultHosts } from '../demo/roster.ts';
import { type DemoSettings, demoSettings } from '../demo/settings.ts';
import { loadInventory } from '../inventory/load.ts';
import { noSshConfig } from '../plan/ssh-config.ts';
import type { Action } from './commands.ts';
import { planHosts } from './connections.ts';
import { type DashboardSettings, dashboardSettings } from './dashboard.ts';
import { exitCodes } from './exit.ts';
import { type OutputSettings, outputSettings } from './output.ts';
import { conductRounds } from './rounds.ts';
import { readOptions, type VerdictSettings, type VisitSettings, verdictSettings, visitSettings } from './settings.ts';
import { openTransports } from './transports.ts';
import type { World } from './world.ts';

/**
 * `synaudit demo`: the same audit against servers on loopback that this process runs. Exit code 0 when the demonstration ran,
 * whatever it found; an explicit --fail-on restores the rule of `audit`.
 */
export const demo: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const hosts = read.integer('hosts', { min: 1, max: 100_000 }) ?? defaultHosts;
  const usual = demoSettings(hosts);
  const settings = {
    output: outputSettings(read, 'demo', world),
    verdict: verdictSettings(read),
    visits: {
      ...visitSettings(read),
      ...(read.text('interval') === undefined ? { intervalSeconds: usual.intervalSeconds } : {}),
      ...(read.text('maxOpen') === undefined ? { maxOpen: usual.maxOpen } : {}),
    },
    deadlines: usual.deadlines,
    dashboard: dashboardSettings(read, world),
  };
  const isServing = read.isOn('serve');
  read.done();

  const onNote = (line: string) => {
    if (!settings.output.quiet) world.stderr.write(`synaudit: ${line}\n`);
  };
  let starting: Promise<Fleet> | undefined;
  const start: Start = note => {
    starting = startFleet({ hosts, collector: collectorScript, onNote: note ?? onNote });
    return starting;
  };
  try {
    if (isServing) return await serve(await start(), world);
    const exitCode = await auditFleet(start, settings, world);
    const isJudged = read.text('failOn') !== undefined;
    return isJudged || exitCode === exitCodes.interrupted || exitCode === exitCodes.internalError
      ? exitCode
      : exitCodes.done;
  } finally {
    const fleet = await starting?.catch(() => undefined);
    await fleet?.close();
  }
};

/** Starts the fleet; remarks go to stderr unless the dashboard shows them. */
type Start = (note?: (line: string) => void) => Promise<Fleet>;

interface Settings {
  readonly output: OutputSettings;
  readonly verdict: VerdictSettings;
  readonly visits: VisitSettings;
  readonly deadlines: DemoSettings['deadlines'];
  readonly dashboard: DashboardSettings | undefined;
}

async function auditFleet(start: Start, settings: Settings, world: World): Promise<number> {
  const { dashboard, output } = settings;
  const transports = openTransports(world);
  const session = async (note?: (line: string) => void) => {
    const fleet = await start(note);
    const inventory = loadInventory([{ file: 'demo', text: fleet.inventoryText }], { isSshAlias: () => false });
    const flags = { identity: fleet.identityFile, knownHosts: fleet.knownHostsFile };
    const connection = { flags, deadlines: settings.deadlines, isAlone: true };
    const hosts = await planHosts(inventory.hosts, { inventory, sshConfig: noSshConfig(), connection, world });
    return { subject: 'demo', inventory, hosts, transportOf: transports.of, ...settings };
  };
  try {
    const preparation = { output, what: 'starting the fleet', session };
    return await conductRounds(preparation, { command: 'demo', dashboard, watchSeconds: undefined }, world);
  } finally {
    await transports.close();
  }
}

/** Leaves the fleet running until Ctrl-C. */
async function serve(fleet: Fleet, world: World): Promise<number> {
  world.stdout.write(fleet.describe());
  const stop = world.stopSignals(() => {});
  const everyTick = setInterval(() => {}, 60_000); // a promise alone does not keep Node running
  await Promise.race(
    [stop.winding, stop.now].map(
      signal => new Promise<void>(resolve => signal.addEventListener('abort', () => resolve())),
    ),
  );
  clearInterval(everyTick);
  stop.release();
  return exitCodes.done;
}
