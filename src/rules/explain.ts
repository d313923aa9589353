import type { Rule, RuleText } from './define.ts';
import type { FleetRule } from './fleet-rule.ts';
import { fleetRules } from './fleet-rules.ts';
import { rules } from './index.ts';

/** Any rule that can be listed and explained. */
export type ExplainedRule = Rule | FleetRule;

/** All of them, in the order of the registry. */
export const explainedRules: readonly ExplainedRule[] = [...rules, ...fleetRules];

/** One heading and what stands below it: sentences that flow, or items that stand on lines of their own. */
export interface Section {
  readonly heading: string;
  readonly text?: string;
  readonly items?: readonly string[];
}

/** What `rules explain` prints and docs/rules/ holds, both made of this. */
export function sectionsOf(rule: ExplainedRule): readonly Section[] {
  return [
    { heading: 'What goes wrong', text: rule.summary },
    { heading: 'How it comes about', text: rule.mechanism.join(' ') },
    { heading: 'How it is proved', text: rule.proof },
    ...fixSections(rule.fix),
    ...('judge' in rule ? judgedSections(rule) : []),
    { heading: 'Sources', items: rule.references.map(({ title, url }) => `${title}: ${url}`) },
  ];
}

function fixSections(fix: RuleText['fix']): readonly Section[] {
  if ('none' in fix) return [{ heading: 'Fix', text: `No setting is proposed: ${fix.none}.` }];
  return [
    {
      heading: 'Fix',
      text: sentence(fix.summary),
      items: Object.entries(fix.set).map(([key, value]) => `${key} = ${value}`),
    },
    { heading: 'Risk', text: sentence(fix.risk) },
  ];
}

function judgedSections({ examples, parameters, reads, wholeMachine }: Rule): readonly Section[] {
  const thresholds = Object.entries(parameters).map(
    ([name, { default: usual, unit, reason }]) => `${name} = ${usual} (${unit}): ${reason}`,
  );
  const verdicts = examples.map(({ name, verdict, state, severity }) => {
    const which = [verdict, ...(state === undefined ? [] : [state]), ...(severity === undefined ? [] : [severity])];
    return `${which.join(', ')}: ${name}`;
  });
  return [
    {
      heading: 'What it reads',
      text: `${[...new Set(reads)].join(', ')}.${wholeMachine ? ' Once per machine, not per network namespace.' : ''}`,
    },
    { heading: 'Verdicts', items: verdicts },
    ...(thresholds.length === 0 ? [] : [{ heading: 'Thresholds', items: thresholds }]),
  ];
}

/** A page of docs/rules/. */
export function markdownOf(rule: ExplainedRule): string {
  const sections = sectionsOf(rule).map(({ heading, text, items }) =>
    [
      `## ${heading}`,
      ...(text === undefined ? [] : [escaped(text)]),
      ...(items === undefined || items.length === 0 ? [] : [items.map(item => `- ${linked(item)}`).join('\n')]),
    ].join('\n\n'),
  );
  return `${[`# ${rule.id}`, `Wanted: ${escaped(rule.title)}.`, ...sections].join('\n\n')}\n`;
}

/** The first page of docs/rules/. */
export function markdownIndex(): string {
  const rows = explainedRules.map(
    ({ id, title, summary }) => `| [${id}](${id}.md) | ${escaped(title)} | ${escaped(summary)} |`,
  );
  return `${['# Rules', 'What `synaudit rules list` and `synaudit rules explain ID` print. Made from the rules themselves.', ['| rule | wanted | what goes wrong |', '| --- | --- | --- |', ...rows].join('\n')].join('\n\n')}\n`;
}

/** Findings quote these behind a colon; a page begins a sentence with them. A sysctl key keeps its spelling. */
const sentence = (text: string): string =>
  `${text.replace(/^[a-z]+(?= )/, word => word[0]?.toUpperCase() + word.slice(1))}.`;

/** Characters that Markdown would take for markup, in prose that is full of sysctl keys. */
const escaped = (text: string): string => text.replace(/[\\`*<>|[\]]/g, '\\$&');

function linked(item: string): string {
  const [, title, url] = /^(.*): (https:\/\/\S+)$/.exec(item) ?? [];
  return title === undefined || url === undefined ? escaped(item) : `[${escaped(title)}](${url})`;
}
