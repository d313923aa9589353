import type { PlannedChange } from '../model/remediation.ts';
import { changeInWords, counted, folded, whoWins } from '../remediate/cohort-words.ts';
import type { Draft } from '../remediate/plan.ts';
import { stripControls } from '../text/ansi.ts';
import { shellquote } from '../text/shellquote.ts';
import { wrapColumns } from '../text/table.ts';

/** What `fix` did. */
export interface FixSummary {
  readonly draft: Draft;
  /** Id of the run that it follows from. */
  readonly run: string;
  /** Id of the plan; null, as directory and digest: nothing that a script could do, and nothing was written. */
  readonly plan: string | null;
  /** Absolute. */
  readonly directory: string | null;
  /** `sha256:…` of plan.json. */
  readonly digest: string | null;
  /** Why the store does not have the plan, for people; null if it has. */
  readonly recordTrouble: string | null;
}

/** `--format json`. */
export function fixDocument({ draft, recordTrouble, ...made }: FixSummary): string {
  const { cohorts, byHand, leftOut } = draft;
  const document = {
    ...made,
    recorded: made.digest !== null && recordTrouble === null,
    cohorts: cohorts.map(({ id, changes, hosts }) => ({ id, changes, hosts: hosts.map(({ name }) => name) })),
    byHand,
    leftOut,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Longer lists of hosts, and whatever else is longer, end with `…`: plan.json and README.md have all of it. */
const longest = 400;

/** For people. `width`: columns. */
export function fixText({ draft, directory, digest, run }: FixSummary, width: number, isVerbose = false): string {
  const shown = (text: string) => (isVerbose || text.length <= longest ? text : `${text.slice(0, longest)}…`);
  const paragraph: Paragraph = (text, by = 0) =>
    wrapColumns(stripControls(shown(text)), width - by).map(line => `${' '.repeat(by)}${line}`);
  const lines = [
    ...cohortLines(draft, { run, paragraph }),
    ...byHandLines(draft, paragraph),
    ...leftOutLines(draft).flatMap(line => paragraph(line)),
  ];
  const made =
    directory === null || digest === null
      ? []
      : ['', `wrote   ${stripControls(directory)}`, `digest  ${digest}`, `next    ${nextStep(directory)}`];
  return `${[...lines, ...made].join('\n')}\n`;
}

/** Texts of hosts in lines that fit, indented by so many columns. */
type Paragraph = (text: string, by?: number) => readonly string[];

function cohortLines(
  { cohorts, byHand }: Draft,
  { run, paragraph }: { readonly run: string; readonly paragraph: Paragraph },
): string[] {
  if (cohorts.length === 0) {
    return [`nothing to fix in run ${run}${byHand.length === 0 ? '' : ' that a script could do'}: nothing was written`];
  }
  const hosts = cohorts.reduce((sum, cohort) => sum + cohort.hosts.length, 0);
  const changes = cohorts.reduce((sum, cohort) => sum + cohort.changes.length * cohort.hosts.length, 0);
  return [
    ...cohorts.flatMap(({ id, changes, hosts }) => [
      `${id}: ${counted(hosts.length, 'host')}`,
      ...changes.flatMap(change => [
        ...paragraph(`${changeInWords(change)} (${change.severity}: ${change.rules.join(', ')})`, 2),
        ...overruledLines(change).flatMap(line => paragraph(line, 4)),
      ]),
      ...paragraph(`on ${folded(hosts)}`, 2),
    ]),
    '',
    `${counted(cohorts.length, 'cohort')}, ${counted(hosts, 'host')}, ${counted(changes, 'change')}; no host was changed`,
  ];
}

const overruledLines = ({ insteadOf = [] }: PlannedChange): string[] =>
  insteadOf.map(({ rule, to }) => `${rule} wants ${to}, which is not done: ${whoWins}`);

function byHandLines({ byHand }: Draft, paragraph: Paragraph): string[] {
  if (byHand.length === 0) return [];
  return [
    '',
    'by hand:',
    ...byHand.flatMap(({ rule, severity, hosts, summary, why }) => [
      ...paragraph(`${rule} (${severity}) on ${hosts}`, 2),
      ...paragraph(summary, 4),
      ...paragraph(why, 4),
    ]),
  ];
}

function leftOutLines({ leftOut: { waived, notAudited } }: Draft): string[] {
  return [
    ...(waived > 0 ? [`${counted(waived, 'finding')} left out because of waivers`] : []),
    ...(notAudited === '' ? [] : [`not audited, hence not in it: ${stripControls(notAudited)}`]),
  ];
}

const nextStep = (directory: string): string =>
  `read README.md and scripts/ there, then: synaudit rollout ${shellWord(stripControls(directory))}`;

/** As people type it: quoted where that is needed. */
const shellWord = (path: string): string => (/^[\w./@%+-]+$/.test(path) ? path : shellquote(path));
