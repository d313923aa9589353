import { inputError } from '../model/input-error.ts';
import { stripControls } from '../text/ansi.ts';
import { isMapping, type Mapping, parsedJson } from '../text/json.ts';
import { type ProgramEnd, runProgram } from '../transport/run-program.ts';
import type { World } from './world.ts';

/** For one call. Ansible waits for ever; a fleet behind a slow API takes seconds. */
const deadlineMs = 10_000;

/** For all calls of `--host` together, which programs without `_meta` need. */
const hostsDeadlineMs = 60_000;

/** Of what a program prints. */
const maxBytes = 16 * 1_024 * 1_024;

/** Calls of `--host` at once. */
const callsAtOnce = 8;

/**
 * What an executable inventory prints for `--list`, with the variables of its hosts. A program that gives no `_meta.hostvars` is
 * asked for each host, as Ansible does. What it writes to stderr is shown.
 * Throws: InputError if it fails, is late, or prints no JSON.
 */
export async function printedInventory(named: string, path: string, world: World): Promise<string> {
  const list = await answer(named, { path, args: ['--list'] }, world);
  const whole = parsedJson(list);
  if (!isMapping(whole)) throw inputError(`${named} --list printed no JSON mapping of groups`);
  const meta = whole['_meta'];
  if (isMapping(meta) && 'hostvars' in meta) return list;
  const hosts = hostsOf(whole);
  const hostvars = await variablesOf(hosts, { named, path, world });
  return `${JSON.stringify({ ...whole, _meta: { hostvars } }, null, 1)}\n`;
}

async function answer(
  named: string,
  { path, args }: { readonly path: string; readonly args: readonly string[] },
  world: World,
): Promise<string> {
  const end: ProgramEnd = await runProgram({ path, args, env: world.env, deadlineMs, maxBytes });
  for (const line of end.stderr
    .split('\n')
    .filter(text => text.trim() !== '')
    .slice(0, 20)) {
    world.stderr.write(`${named}: ${stripControls(line)}\n`);
  }
  if ('problem' in end) throw inputError(`${named} ${args.join(' ')}: ${end.problem}`);
  if (end.status !== 0) throw inputError(`${named} ${args.join(' ')}: exit code ${end.status}`);
  return end.stdout;
}

/** Names of a program's hosts. One that begins with `-` could be taken for an option. */
function hostsOf(groups: Mapping): readonly string[] {
  const lists = Object.entries(groups).flatMap(([name, group]): unknown[] => {
    if (name === '_meta') return [];
    if (Array.isArray(group)) return group;
    return isMapping(group) && Array.isArray(group['hosts']) ? group['hosts'] : [];
  });
  const names = lists.filter(host => typeof host === 'string' && !host.startsWith('-') && !host.includes('\0'));
  return [...new Set(names as string[])];
}

interface Asked {
  readonly named: string;
  readonly path: string;
  readonly world: World;
}

async function variablesOf(hosts: readonly string[], { named, path, world }: Asked): Promise<Mapping> {
  const found: [string, unknown][] = [];
  const queue = hosts.values();
  const end = performance.now() + hostsDeadlineMs;
  const worker = async (): Promise<void> => {
    for (const host of queue) {
      if (performance.now() > end) {
        throw inputError(
          `${named} --host: ${hosts.length} hosts took more than ${hostsDeadlineMs / 1_000} s; print _meta with --list`,
        );
      }
      const text = await answer(named, { path, args: ['--host', host] }, world);
      const value = text.trim() === '' ? {} : parsedJson(text);
      if (!isMapping(value)) throw inputError(`${named} --host ${stripControls(host)} printed no JSON mapping`);
      found.push([host, value]);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, worker));
  return Object.fromEntries(found);
}
