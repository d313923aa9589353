import type { Island } from '../island.ts';
import { enableCopying } from './copy.ts';
import { createDrawer } from './drawer.ts';
import { readFleet } from './fleet.ts';
import { drawPlots } from './plots.ts';
import { createHostTable, type HostTable } from './table.ts';

/** What needs a script: the table of hosts, the drawer, plots, copy buttons. The rest of the page does without. */
function start(): void {
  const island: Island = JSON.parse(document.getElementById('synaudit-data')?.textContent ?? '');
  const place = document.getElementById('host-table');
  const dialog = document.getElementById('drawer');
  if (place === null || !(dialog instanceof HTMLDialogElement)) return;
  const fleet = readFleet(island);
  let table: HostTable | undefined;
  const open = createDrawer(dialog, fleet, () => {
    table ??= createHostTable(place, fleet, position => open(position));
    return table;
  });
  table = createHostTable(place, fleet, position => open(position));
  document.documentElement.classList.add('js');
  enableCopying();
  drawPlots(document.getElementById('plots'), fleet);
  openTerm();
  addEventListener('hashchange', openTerm);
  unfoldForPrint();
}

/** Paper cannot be clicked: what is folded is opened, and folded again afterwards. */
function unfoldForPrint(): void {
  let unfolded: HTMLDetailsElement[] = [];
  addEventListener('beforeprint', () => {
    unfolded = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
    for (const details of unfolded) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of unfolded) details.open = false;
    unfolded = [];
  });
}

/** A link to a rule opens its entry. */
function openTerm(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

start();
