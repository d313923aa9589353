import { element } from './element.ts';
import type { Fleet } from './fleet.ts';
import { hostView } from './host-view.ts';
import type { HostTable } from './table.ts';

/** Everything about one host, beside the table. A modal dialog: focus stays in it, Escape closes it. */
export function createDrawer(
  dialog: HTMLDialogElement,
  fleet: Fleet,
  table: () => HostTable,
): (position: number) => void {
  let shown = 0;
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => table().focus(shown));
  dialog.addEventListener('keydown', event => {
    if (isScrolled(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === 'ArrowLeft') show(shown - 1);
    else if (event.key === 'ArrowRight') show(shown + 1);
  });

  function show(position: number): void {
    const view = table().view();
    const row = view[position];
    if (row === undefined) return;
    shown = position;
    dialog.replaceChildren(bar(position, view.length), hostView(row, fleet));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    dialog.querySelector<HTMLElement>('h2')?.focus();
  }

  function bar(position: number, size: number): HTMLElement {
    const button = (words: string, action: () => void, isOff = false): HTMLButtonElement => {
      const made = element('button', { type: 'button' }, words);
      made.disabled = isOff;
      made.addEventListener('click', action);
      return made;
    };
    return element(
      'div',
      { class: 'drawer-bar' },
      button('← Previous', () => show(position - 1), position === 0),
      button('Next →', () => show(position + 1), position === size - 1),
      element('span', { class: 'dim' }, `${(position + 1).toLocaleString('en-US')} of ${size.toLocaleString('en-US')}`),
      button('Close', () => dialog.close()),
    );
  }
  return show;
}

/** Whether arrow keys belong to a table that is wider than its place. */
function isScrolled(target: EventTarget | null): boolean {
  const place = target instanceof Element ? target.closest('.wide-table') : null;
  return place !== null && place.scrollWidth > place.clientWidth;
}
