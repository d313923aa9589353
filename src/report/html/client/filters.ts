import { severities } from '../../../model/rule.ts';
import { element } from './element.ts';
import type { Fleet, Row } from './fleet.ts';

/** Choices of one list; a hostile inventory has a group per host. */
const mostChoices = 300;

/** What the table may be narrowed by, beside text. */
interface Choice {
  readonly id: string;
  readonly label: string;
  readonly valuesOf: (row: Row) => readonly string[];
  readonly order?: readonly string[];
}

const choices: readonly Choice[] = [
  {
    id: 'state',
    label: 'State',
    valuesOf: ({ standing, severity }) => [standing, ...(severity === null ? [] : [severity])],
    order: ['dropping', 'at-risk', 'clean', 'not-audited', ...severities],
  },
  { id: 'rule', label: 'Rule', valuesOf: ({ rules }) => rules },
  { id: 'group', label: 'Group', valuesOf: ({ groups }) => groups },
  { id: 'outcome', label: 'Outcome', valuesOf: ({ outcome }) => [outcome] },
  { id: 'kernel', label: 'Kernel', valuesOf: ({ kernel }) => (kernel === '' ? [] : [kernel]) },
];

/** The controls above the table, and the test that they make. */
export interface Filters {
  readonly bar: HTMLElement;
  readonly search: HTMLInputElement;
  /** Rows that pass, in the order given. */
  readonly keep: (rows: readonly Row[]) => Row[];
}

/** Builds the controls from what occurs in the fleet; calls `changed` when a control does. */
export function createFilters({ rows }: Fleet, changed: () => void): Filters {
  const search = element('input', {
    type: 'search',
    id: 'search',
    placeholder: 'name, address, rule, kernel …',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  search.addEventListener('input', changed);
  const lists = choices
    .map(choice => ({ choice, select: selectOf(choice, rows) }))
    .filter(({ select }) => select.options.length > 2);
  for (const { select } of lists) select.addEventListener('change', changed);
  const clear = element('button', { type: 'button' }, 'Clear');
  clear.addEventListener('click', () => {
    search.value = '';
    for (const { select } of lists) select.value = '';
    changed();
    search.focus();
  });
  const bar = element(
    'div',
    { class: 'filters', role: 'search', 'aria-label': 'Filter hosts' },
    element('label', { class: 'wide-label' }, 'Search', search),
    ...lists.map(({ choice, select }) => element('label', {}, choice.label, select)),
    clear,
  );
  return {
    bar,
    search,
    keep(all) {
      const words = search.value
        .toLowerCase()
        .split(/\s+/)
        .filter(word => word !== '');
      const wanted = lists.filter(({ select }) => select.value !== '');
      return all.filter(
        row =>
          words.every(word => row.searched.includes(word)) &&
          wanted.every(({ choice, select }) => choice.valuesOf(row).includes(select.value)),
      );
    },
  };
}

function selectOf({ id, valuesOf, order }: Choice, rows: readonly Row[]): HTMLSelectElement {
  const counts = new Map<string, number>();
  for (const row of rows) for (const value of valuesOf(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const place = (value: string): number => order?.indexOf(value) ?? 0;
  const shown = [...counts].sort((a, b) => place(a[0]) - place(b[0]) || b[1] - a[1]).slice(0, mostChoices);
  const options = shown.map(([value, n]) =>
    element('option', { value }, `${cut(value)} (${n.toLocaleString('en-US')})`),
  );
  return element('select', { id: `filter-${id}` }, element('option', { value: '' }, 'any'), ...options);
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
