import type { PlannedChange, PlannedCohort, RemediationPlan } from '../model/remediation.ts';
import { stripControls } from '../text/ansi.ts';
import { shellquote } from '../text/shellquote.ts';
import { bootAssignments } from './script-assignments.ts';
import { bootFiles } from './script-boot.ts';
import { changes } from './script-change.ts';
import { scriptHeader } from './script-header.ts';
import { laterWriters } from './script-later.ts';
import { findings } from './script-look.ts';
import { modes } from './script-main.ts';
import { wayBack } from './script-state.ts';
import { undoing } from './script-undo.ts';
import { words } from './script-words.ts';

/** What a script says of the plan that it belongs to. */
export type ScriptPlan = Pick<RemediationPlan, 'id' | 'createdAt' | 'version' | 'run'>;

/** What `cohortScript` is given. */
export interface ScriptInput {
  readonly plan: ScriptPlan;
  readonly cohort: PlannedCohort;
}

/** Below /proc/sys; the file that a running value is written to: `/proc/sys/net/ipv4/tcp_tw_recycle`. */
export function runningFile(key: string): string {
  return `/proc/sys/${key.replace(/[/.]/g, found => (found === '.' ? '/' : '.'))}`;
}

/**
 * The one script that changes, proves and takes back on the hosts of a cohort, in POSIX sh: dash, busybox, bash 3. It
 * defines functions and acts in its last line only, so that one cut short in transit does nothing.
 * Throws a RangeError where a key, a value or an id is none that a plan can hold.
 */
export function cohortScript({ plan, cohort }: ScriptInput): string {
  check('a plan id', plan.id, /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/);
  check('a cohort id', cohort.id, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/);
  for (const change of cohort.changes) checkChange(change);
  if (cohort.changes.length === 0) throw new RangeError('a script needs a change');
  if (new Set(cohort.changes.map(({ key }) => key)).size < cohort.changes.length) {
    throw new RangeError('a script sets each key once');
  }
  return `${[scriptHeader(plan, cohort), facts(plan, cohort), ...body].join('\n\n')}\n\nmain "$@" </dev/null\n`;
}

const body = [words, bootFiles, bootAssignments, laterWriters, wayBack, findings, changes, undoing, modes];

function facts(plan: ScriptPlan, { id, changes, hosts }: PlannedCohort): string {
  // a name with control characters is left out: without them it might be that of another host
  const plain = hosts
    .map(({ hostname }) => hostname)
    .filter(name => name.trim() !== '' && stripControls(name) === name);
  const names = [...new Set(plain)].sort();
  if (names.length === 0) throw new RangeError('a script needs a host that calls itself something');
  const calls = changes.map(
    ({ key, from, to }) => `  "$1" ${[key, runningFile(key), from, to].map(shellquote).join(' ')}`,
  );
  return `# shellcheck disable=SC2016 # dollars in single quotes are those of awk
plan=${shellquote(plan.id)}
cohort=${shellquote(id)}

# What these hosts call themselves (/proc/sys/kernel/hostname).
hosts_of_plan() {
  printf '%s\\n' \\
${names.map(name => `    ${shellquote(name)}`).join(' \\\n')}
}

# each_change DO: calls DO with key, file of the running value, value that the plan was made for, value wanted.
each_change() {
${calls.join('\n')}
}`;
}

function checkChange({ key, from, to }: PlannedChange): void {
  check('a key', key, /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_/-]+)+$/);
  if (key.length > 200 || /(^|\/)\.{0,2}(\/|$)/.test(runningFile(key).slice('/proc/sys/'.length))) {
    throw new RangeError(`not the name of a key: ${JSON.stringify(key.slice(0, 64))}`);
  }
  check('a value', from, /^(?:[0-9A-Za-z_.,:-]+(?: [0-9A-Za-z_.,:-]+)*)?$/);
  check('a value', to, /^[0-9A-Za-z_.,:-]+(?: [0-9A-Za-z_.,:-]+)*$/);
  if (from.length > 200 || to.length > 200) throw new RangeError(`a value of ${key} is too long`);
}

function check(what: string, text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new RangeError(`not ${what}: ${JSON.stringify(text.slice(0, 64))}`);
}
