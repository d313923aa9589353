import { inputError } from '../model/input-error.ts';
import { type ExplainedRule, explainedRules, markdownOf, type Section, sectionsOf } from '../rules/explain.ts';
import { painter } from '../text/ansi.ts';
import { nearest } from '../text/nearest.ts';
import { alignRows, wrapColumns } from '../text/table.ts';
import type { Action } from './commands.ts';
import { exitCodes } from './exit.ts';
import { hasColor } from './output.ts';
import { readOptions } from './settings.ts';
import type { World } from './world.ts';

/** `synaudit rules list`: every rule and what it wants. */
export const list: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', ['table', 'json']) ?? 'table';
  read.done();
  if (format === 'json') {
    const listed = explainedRules.map(({ id, title, summary }) => ({ id, title, summary }));
    world.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  } else {
    const rows = explainedRules.map(({ id, title }) => [id, title]);
    world.stdout.write(`${alignRows([['RULE', 'WANTED'], ...rows]).join('\n')}\n`);
  }
  return exitCodes.done;
};

/** `synaudit rules explain ID`. */
export const explain: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', ['table', 'json', 'markdown']) ?? 'table';
  const isColored = hasColor(read, world);
  read.done();
  const rule = ruleNamed(args[0] ?? '');
  if (format === 'markdown') world.stdout.write(markdownOf(rule));
  else if (format === 'json') world.stdout.write(`${JSON.stringify(asDocument(rule), null, 2)}\n`);
  else world.stdout.write(page(rule, world, isColored));
  return exitCodes.done;
};

function ruleNamed(id: string): ExplainedRule {
  const found = explainedRules.find(rule => rule.id === id);
  if (found !== undefined) return found;
  const near = nearest(
    id,
    explainedRules.map(rule => rule.id),
  );
  throw inputError(
    `there is no rule "${id}"${near === undefined ? '' : `; did you mean ${near}?`} (synaudit rules list)`,
  );
}

function asDocument({ id, title, summary, mechanism, proof, fix, references }: ExplainedRule) {
  return { id, title, summary, mechanism, proof, fix, references };
}

const widest = 100;

function page(rule: ExplainedRule, { stdout }: World, isColored: boolean): string {
  const paint = painter(isColored);
  const width = Math.min(widest, stdout.columns ?? widest) - 2;
  const section = ({ heading, text, items = [] }: Section): string[] => [
    '',
    paint('bold', heading),
    ...(text === undefined ? [] : wrapColumns(text, width).map(line => `  ${line}`)),
    ...items.flatMap(item => wrapColumns(item, width - 2).map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`)),
  ];
  const lines = [`${paint('bold', rule.id)}: ${rule.title}`, ...sectionsOf(rule).flatMap(section)];
  return `${lines.join('\n')}\n`;
}
