import type { PlannedChange, PlannedCohort, RemediationPlan } from '../model/remediation.ts';
import { stripControls } from '../text/ansi.ts';

/** Columns of the header; longer words stay whole. */
const width = 110;

/** Names of hosts in the header; the list that the script goes by has all. */
const mostNames = 40;

/**
 * The comment at the top of a script, for the reviewer who decides on the change: what it does on which hosts, why, at which
 * risk, what it touches and how to take it back. Texts come from hosts and files: none ends its comment.
 */
export function scriptHeader(
  { id, createdAt, version, run }: Pick<RemediationPlan, 'id' | 'createdAt' | 'version' | 'run'>,
  cohort: PlannedCohort,
): string {
  const { hosts } = cohort;
  const names = hosts
    .slice(0, mostNames)
    .map(({ name, hostname }) => (name === hostname ? name : `${name} (${hostname})`));
  const more = hosts.length - names.length;
  const [first] = cohort.changes;
  return [
    '#!/bin/sh',
    ...paragraph(
      `${first?.key ?? ''}${cohort.changes.length > 1 ? ` and ${cohort.changes.length - 1} more` : ''} on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}: cohort ${cohort.id} of plan ${id}, written ${createdAt} by synaudit ${version} from the audit ${run.id} of ${run.startedAt} (${run.subject}).`,
    ),
    '#',
    ...paragraph(`Hosts: ${names.join(', ')}${more > 0 ? ` and ${more} more, see hosts_of_plan below` : ''}.`),
    '#',
    ...cohort.changes.flatMap(changeInWords),
    ...fixed,
  ].join('\n');
}

const changeInWords = ({ key, from, to, rules, severity, summary, risk }: PlannedChange): readonly string[] => [
  ...paragraph(`Change: ${key} from ${from === '' ? '(empty)' : from} to ${to}.`),
  ...paragraph(`Why: ${summary} (${severity}; ${rules.join(', ')})`, '  '),
  ...paragraph(`Risk: ${risk}`, '  '),
  '#',
];

const fixed = `
# sh SCRIPT --check     changes nothing, says what --apply would do (the default). 0: nothing, 10: something, 3: refused.
# sh SCRIPT --apply     sets the running values and makes them win at the next boot. 0: done and proved, 3: refused
#                       before anything was changed, 4: failed and undone, 5: failed, and says what could not be undone.
# sh SCRIPT --verify    0: the values are in force and will be after the next boot, 1: not.
# sh SCRIPT --rollback  puts back what --apply changed. 0: done, 5: not all of it.
#
# It writes: the running values below /proc/sys; one file of its own in /etc/sysctl.d, whose name stands behind those that
# say otherwise (in /etc/sysctl.conf where the host reads no sysctl.d); and in files under /etc that would win over it
# (/etc/sysctl.conf, later names in sysctl.d, ufw, active tuned profiles, rc.local) it turns the offending line, and nothing
# else, into a comment. Files outside /etc are never touched. Where it cannot make the values hold, it refuses and says why.
# Before it changes a file it keeps a copy in /var/lib/synaudit/PLAN, with a log of each step. It can be run again after
# anything that may have stopped it, kill -9 and power loss included: --apply finishes, --rollback takes back.
#
# What differs between the scripts of a plan stands above the function "clean". From there on all of them are the same.
`
  .trim()
  .split('\n');

/** Words on comment lines. */
function paragraph(text: string, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of stripControls(text).split(/\s+/)) {
    if (line !== '' && line.length + word.length + indent.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((words, index) => `# ${index === 0 ? indent : `${indent}  `}${words}`.trimEnd());
}
