import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import { type Column, columns, type Order } from './columns.ts';
import { element, say } from './element.ts';
import { createFilters } from './filters.ts';
import { counted, type Fleet, type Row } from './fleet.ts';

/** Height of a row; the style sheet has the same. Unit: px. */
const rowHeight = 38;

const reversed: Readonly<Record<Order, Order>> = { ascending: 'descending', descending: 'ascending' };

/** What the table asks of its surroundings, and offers to the drawer. */
export interface HostTable {
  /** Rows as they are filtered and sorted now. */
  readonly view: () => readonly Row[];
  /** Shows a row and puts the focus on it. */
  readonly focus: (position: number) => void;
}

/** The table of hosts: only what is seen is in the document, so that 10,000 hosts scroll as smoothly as ten. */
export function createHostTable(place: HTMLElement, fleet: Fleet, open: (position: number) => void): HostTable {
  let view: readonly Row[] = [];
  let sorted: { readonly column: Column; readonly order: Order } = {
    column: columns[1] as Column,
    order: 'descending',
  };
  /** Position of the row that the Tab key reaches. */
  let active = 0;
  let wantsFocus = false;

  const filters = createFilters(fleet, () => update(true));
  const count = element('p', { class: 'dim', id: 'host-count' });
  const heads = columns.map(column => headOf(column, () => sortBy(column)));
  const header = element(
    'div',
    { role: 'row', class: 'tr head', 'aria-rowindex': '1' },
    ...heads.map(({ cell }) => cell),
  );
  const body = element('div', { role: 'rowgroup', class: 'tbody' });
  const table = element(
    'div',
    { role: 'table', 'aria-label': 'Hosts', 'aria-describedby': 'host-count', class: 'grid' },
    element('div', { role: 'rowgroup', class: 'thead' }, header),
    body,
  );
  const scroller = element(
    'div',
    { class: 'scroller', role: 'region', 'aria-label': 'Table of hosts', tabindex: '0' },
    table,
  );
  const keys = element('p', { class: 'dim keys' }, 'Keys: / search · ↑ ↓ move · Enter opens · Esc closes');
  place.replaceChildren(filters.bar, count, scroller, keys);
  place.hidden = false;

  const drawn = new Map<number, HTMLElement>();
  const virtualizer = new Virtualizer<HTMLElement, HTMLElement>({
    count: 0,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeight,
    overscan: 10,
    // the head sticks above the rows
    scrollPaddingStart: rowHeight,
    rangeExtractor: range =>
      [...new Set([...defaultRangeExtractor(range), ...(active < range.count ? [active] : [])])].sort((a, b) => a - b),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: draw,
  });
  virtualizer._didMount();
  virtualizer._willUpdate();

  function sortBy(column: Column): void {
    const first: Order = column.isMostFirst ? 'descending' : 'ascending';
    sorted = { column, order: sorted.column === column ? reversed[sorted.order] : first };
    update(true);
    say(`Sorted by ${column.title}, ${sorted.order}.`);
  }

  function update(fromTop: boolean): void {
    const { column, order } = sorted;
    const sign = order === 'descending' ? -1 : 1;
    view = filters.keep(fleet.rows).sort((a, b) => sign * column.compare(a, b) || a.nameRank - b.nameRank);
    for (const head of heads) head.mark(head.column === column ? order : 'none');
    const words =
      view.length === fleet.rows.length
        ? counted(view.length, 'host')
        : `${counted(view.length, 'host')} of ${fleet.rows.length.toLocaleString('en-US')}`;
    count.textContent = words;
    say(words);
    active = 0;
    for (const row of drawn.values()) row.remove();
    drawn.clear();
    table.setAttribute('aria-rowcount', String(view.length + 1));
    virtualizer.setOptions({ ...virtualizer.options, count: view.length });
    virtualizer.measure();
    virtualizer._willUpdate();
    if (fromTop) scroller.scrollTop = 0;
    draw();
  }

  function draw(): void {
    body.style.height = `${virtualizer.getTotalSize()}px`;
    const items = virtualizer.getVirtualItems();
    const wanted = new Set(items.map(({ index }) => index));
    for (const [index, row] of drawn) {
      if (wanted.has(index)) continue;
      row.remove();
      drawn.delete(index);
    }
    for (const { index, start } of items) {
      const host = view[index];
      if (host === undefined || drawn.has(index)) continue;
      const row = rowOf(host, index);
      row.style.transform = `translateY(${start}px)`;
      drawn.set(index, row);
      body.append(row);
    }
    if (wantsFocus) focusActive();
  }

  function rowOf(host: Row, index: number): HTMLElement {
    const cells = columns.map(({ id, cell }) => {
      const content = cell(host);
      if (id !== 'name') return element('div', { role: 'cell', class: `td ${id}` }, content);
      const button = element(
        'button',
        { type: 'button', class: 'host', tabindex: index === active ? '0' : '-1' },
        content,
      );
      return element('div', { role: 'rowheader', class: 'td name' }, button);
    });
    const row = element('div', { role: 'row', class: 'tr', 'aria-rowindex': String(index + 2) }, ...cells);
    row.addEventListener('click', () => {
      setActive(index);
      open(index);
    });
    return row;
  }

  const buttonOf = (index: number): HTMLElement | null =>
    drawn.get(index)?.querySelector<HTMLElement>('button.host') ?? null;

  function setActive(index: number): void {
    buttonOf(active)?.setAttribute('tabindex', '-1');
    active = Math.max(0, Math.min(view.length - 1, index));
    buttonOf(active)?.setAttribute('tabindex', '0');
  }

  function focusActive(): void {
    const button = buttonOf(active);
    if (button === null) return;
    wantsFocus = false;
    button.focus({ preventScroll: true });
  }

  function moveTo(index: number): void {
    setActive(index);
    wantsFocus = true;
    virtualizer.scrollToIndex(active, { align: 'auto' });
    draw();
  }

  scroller.addEventListener('keydown', event => {
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 2);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: view.length - 1,
    };
    const target = targets[event.key];
    const isHead = event.target instanceof Element && event.target.closest('.head') !== null;
    if (target === undefined || view.length === 0 || isHead || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moveTo(event.target === scroller ? active : target);
  });
  document.addEventListener('keydown', event => {
    const isTyping =
      event.target instanceof Element && event.target.closest('input, select, textarea, dialog') !== null;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    filters.search.focus();
  });

  update(false);
  return { view: () => view, focus: moveTo };
}

interface Head {
  readonly column: Column;
  readonly cell: HTMLElement;
  readonly mark: (order: Order | 'none') => void;
}

function headOf(column: Column, sort: () => void): Head {
  const arrow = element('span', { class: 'arrow', 'aria-hidden': 'true' });
  const button = element('button', { type: 'button' }, column.title, arrow);
  button.addEventListener('click', sort);
  const cell = element('div', { role: 'columnheader', class: `td ${column.id}` }, button);
  return {
    column,
    cell,
    mark(order) {
      cell.setAttribute('aria-sort', order);
      arrow.textContent = order === 'none' ? '' : order === 'ascending' ? ' ↑' : ' ↓';
    },
  };
}
