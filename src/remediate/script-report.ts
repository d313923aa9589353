import {
  type PlannedBoot,
  type ScriptReport,
  type ScriptSetting,
  type ScriptState,
  scriptEnd,
} from '../model/remediation.ts';
import { stripControls } from '../text/ansi.ts';

/** Lines of one kind that are kept; a script of a plan prints tens. */
const mostLines = 1000;

/** Characters kept of one field. */
const longest = 400;

/**
 * What a script of a plan printed, as data; null where its last line is missing, so that it was cut short or is none.
 * Lines that are none of its own are passed over: a login shell may print a greeting. Never throws.
 */
export function parseScriptReport(text: string): ScriptReport | null {
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''));
  if (lines.findLast(line => line.trim() !== '') !== scriptEnd) return null;
  const said = lines.flatMap(line => {
    const [mark, word = '', ...fields] = line.split('\t');
    return mark === '@synaudit' ? [{ word, fields: fields.map(bounded) }] : [];
  });
  const of = (word: string) => said.filter(line => line.word === word).map(({ fields }) => fields);
  const texts = (word: string) =>
    of(word)
      .flatMap(fields => fields.slice(0, 1))
      .slice(0, mostLines);
  const state = of('state').at(-1)?.[0];
  if (state === undefined || !isState(state)) return null;
  return {
    state,
    before: of('before').slice(0, mostLines).flatMap(setting),
    after: of('after').slice(0, mostLines).flatMap(setting),
    steps: texts('step'),
    problems: texts('problem'),
  };
}

const bounded = (field: string): string => stripControls(field.slice(0, longest));

const states: readonly ScriptState[] = ['none', 'begun', 'applied', 'rolled-back', 'busy'];
const isState = (word: string): word is ScriptState => states.some(state => state === word);

/** `key =running =value file line =value file line`; a dash stands for what is not there. */
function setting([key = '', running = '-', ...winners]: readonly string[]): readonly ScriptSetting[] {
  if (key === '' || winners.length !== 6) return [];
  return [{ key, running: given(running), procps: winner(winners.slice(0, 3)), systemd: winner(winners.slice(3)) }];
}

const given = (field: string): string | null => (field.startsWith('=') ? field.slice(1) : null);

function winner([field = '-', file = '', line = '']: readonly string[]): PlannedBoot | null {
  const value = given(field);
  return value === null || !/^\d{1,9}$/.test(line) ? null : { value, file, line: Number(line) };
}
