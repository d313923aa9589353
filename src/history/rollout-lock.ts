/** One rollout or rollback of a plan at a time: a lock that names its process, so that a crash does not leave it for ever. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { inputError } from '../model/input-error.ts';
import { isMapping, parsedJson } from '../text/json.ts';
import { makeStore } from './store.ts';

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in ticks since boot, and the boot it was in; null where /proc does not tell. */
  readonly process: string | null;
  readonly since: string;
}

/** Takes the lock of a plan; gives back how to let go of it. Throws InputError that names who has it. */
export async function lockPlan(directory: string, plan: string): Promise<() => void> {
  await makeStore(directory);
  const file = join(directory, `.${plan}.lock`);
  const own = `${file}.${pid}`;
  const holder: Holder = { pid, host: hostname(), process: processIdentity(pid), since: new Date().toISOString() };
  writeFileSync(own, `${JSON.stringify(holder)}\n`, { mode: 0o600, flush: true });
  try {
    for (let tries = 0; !isLinked(own, file); tries++) {
      const other = textOf(file);
      if (other === undefined) continue;
      if (tries > 10 || isAlive(other)) throw inputError(inWords(file, other));
      removeStale(file, other);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** A link is made whole or not at all, unlike a file that is created and then written. */
function isLinked(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Only the lock that was looked at is removed; one that somebody took meanwhile is put back. */
function removeStale(file: string, expected: string): void {
  const aside = `${file}.stale-${pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another process was quicker
  }
  if (textOf(aside) !== expected) isLinked(aside, file);
  rmSync(aside, { force: true });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** A holder on another machine cannot be looked at, and counts as alive. */
function isAlive(text: string): boolean {
  const holder = holderOf(text);
  if (holder === undefined) return false;
  if (holder.host !== hostname()) return true;
  try {
    kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // The number may be another process's by now.
  return processIdentity(holder.pid) === holder.process;
}

function holderOf(text: string): Holder | undefined {
  const value = parsedJson(text);
  if (!isMapping(value) || typeof value['pid'] !== 'number' || typeof value['host'] !== 'string') return undefined;
  return value as unknown as Holder;
}

function inWords(file: string, text: string): string {
  const { pid: number, host, since } = holderOf(text) ?? { pid: 0, host: '?', since: '?' };
  const where = host === hostname() ? '' : ` on ${host}`;
  return `a rollout or rollback of this plan is at work: process ${number}${where}, since ${since}; if it is not, remove ${file}`;
}

/** proc_pid_stat(5), field 22: starttime. The name in field 2 may hold anything, so fields are counted from its end. */
function processIdentity(of: number): string | null {
  const stat = textOf(`/proc/${of}/stat`);
  const started = stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
  if (started === undefined) return null;
  return `${started} ${textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}`;
}
