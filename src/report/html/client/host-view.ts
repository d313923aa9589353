import type { Severity } from '../../../model/rule.ts';
import type { HostDetail, PackedFinding } from '../island.ts';
import { badge } from './columns.ts';
import { element, isolated, longText } from './element.ts';
import { type Fleet, milliseconds, type Row, rate } from './fleet.ts';

/** What is known of one host: verdict, evidence, clients, settings, visit. */
export function hostView(row: Row, fleet: Fleet): HTMLElement {
  const detail = fleet.detail(row);
  const parts: (Node | null)[] = [
    element('h2', { id: 'drawer-title', tabindex: '-1' }, isolated(row.name)),
    element('p', { class: 'drawer-facts' }, badge(row.severity, row.standing === 'not-audited'), ' ', facts(row)),
    error(detail),
    detail.client === null ? null : paragraph('The client asked about', detail.client.because),
    ...detail.findings.map(finding => findingPart(finding, fleet)),
    ...detail.namespaces.flatMap(({ owner, findings }) => findings.map(finding => findingPart(finding, fleet, owner))),
    quiet(detail, fleet),
    clients(detail),
    settings(detail, fleet),
    rules(detail, fleet),
    list(
      'Could not be read',
      Object.entries(detail.unread).map(([source, why]) => `${source}: ${why}`),
    ),
    list('Remarks', detail.notes),
    timing(row, fleet),
  ];
  return element('div', { class: 'drawer-body' }, ...parts);
}

const facts = ({ address, os, kernel, groups }: Row): HTMLElement =>
  isolated(
    [address, os, kernel, groups.length > 0 ? `in ${groups.join(', ')}` : ''].filter(text => text !== '').join(' · '),
  );

const paragraph = (title: string, text: string): HTMLElement =>
  element('section', {}, element('h3', {}, title), element('p', {}, longText(text)));

function error({ error }: HostDetail): HTMLElement | null {
  if (error === null) return null;
  const hop = error.hop === undefined ? null : element('p', {}, 'At the jump host ', isolated(error.hop), '.');
  return element(
    'section',
    {},
    element('h3', {}, `Not audited: ${error.code}, in ${error.phase}`),
    element('p', {}, longText(error.message)),
    hop,
    element('p', {}, element('span', { class: 'label' }, 'Hint'), ' ', longText(error.hint)),
    error.retryable ? element('p', { class: 'dim' }, 'It may succeed when tried again.') : null,
  );
}

function findingPart([kindRef, because, evidence]: PackedFinding, { get }: Fleet, owner?: string): HTMLElement {
  const { rule, state, severity, confidence, remedy, waived } = get(kindRef);
  const rows = evidence.map(([source, field, value, earlier, perSecond]) =>
    element(
      'tr',
      {},
      element(
        'th',
        { scope: 'row' },
        longText(get(field)),
        element('br'),
        element('span', { class: 'dim' }, isolated(get(source))),
      ),
      element('td', { class: 'number' }, earlier === null ? '–' : earlier.toLocaleString('en-US')),
      typeof value === 'number'
        ? element('td', { class: 'number' }, value.toLocaleString('en-US'))
        : element('td', {}, longText(value)),
      element('td', { class: 'number' }, perSecond === null ? '–' : rate(perSecond)),
    ),
  );
  const head = ['Field', 'Before', 'After', 'Per second'].map(title => element('th', { scope: 'col' }, title));
  return element(
    'section',
    { class: `evidence ${waived === null ? severity : 'waived'}` },
    element(
      'h3',
      {},
      badge(severity as Severity),
      ' ',
      isolated(state === null ? rule : `${rule} · ${state}`),
      owner === undefined ? null : ' in ',
      owner === undefined ? null : isolated(owner),
    ),
    waived === null
      ? null
      : element(
          'p',
          {},
          element('span', { class: 'label' }, 'Waived'),
          ' ',
          longText(`until ${waived.expires}: ${waived.reason}`),
        ),
    element('p', {}, longText(get(because)), element('span', { class: 'dim' }, ` Confidence ${confidence}.`)),
    rows.length === 0
      ? null
      : element(
          'div',
          { class: 'wide-table', tabindex: '0', role: 'region', 'aria-label': `Evidence for ${rule}` },
          element(
            'table',
            { class: 'plain' },
            element('thead', {}, element('tr', {}, ...head)),
            element('tbody', {}, ...rows),
          ),
        ),
    remedy === null
      ? null
      : element('p', {}, element('span', { class: 'label' }, 'Fix'), ' ', longText(remedy.summary)),
    remedy === null || remedy.risk === ''
      ? null
      : element('p', {}, element('span', { class: 'label' }, 'Risk'), ' ', longText(remedy.risk)),
  );
}

function quiet({ quiet }: HostDetail, { get }: Fleet): HTMLElement | null {
  const says = get(quiet);
  return says === null ? null : paragraph('What flat counters exclude', `${says.excludes} ${says.next}`);
}

function clients({ clients }: HostDetail): HTMLElement | null {
  if (clients === null) return null;
  const rows = clients.shared.map(({ address, connections, because }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, isolated(address)),
      element('td', { class: 'number' }, connections.toLocaleString('en-US')),
      element('td', {}, longText(because.join(', '))),
    ),
  );
  const head = ['Shared address', 'Connections', 'Because'].map(title => element('th', { scope: 'col' }, title));
  return element(
    'section',
    {},
    element('h3', {}, 'Clients'),
    element(
      'p',
      {},
      `${clients.connections.toLocaleString('en-US')} connections from ${clients.addresses.toLocaleString('en-US')} addresses.`,
    ),
    rows.length === 0
      ? null
      : element(
          'table',
          { class: 'plain' },
          element('thead', {}, element('tr', {}, ...head)),
          element('tbody', {}, ...rows),
        ),
  );
}

function settings({ settings }: HostDetail, { get }: Fleet): HTMLElement | null {
  const rows = Object.entries(get(settings)).map(([key, { value, boot }]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, isolated(key)),
      element('td', {}, longText(value ?? 'not there')),
      element('td', {}, boot === undefined ? '–' : longText(`${boot.value}, by ${boot.file}:${boot.line}`)),
    ),
  );
  if (rows.length === 0) return null;
  const head = ['Setting', 'Now', 'At boot'].map(title => element('th', { scope: 'col' }, title));
  return element(
    'section',
    {},
    element('h3', {}, 'Settings'),
    element(
      'table',
      { class: 'plain' },
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}

const verdictWords: Readonly<Record<string, string>> = {
  pass: 'Passed',
  notapplicable: 'Not applicable',
  notchecked: 'Not checked',
};

function rules({ verdicts, notChecked }: HostDetail, { get }: Fleet): HTMLElement | null {
  const reasons = get(notChecked);
  const all = Object.entries(get(verdicts));
  const lines = Object.entries(verdictWords).flatMap(([verdict, words]) => {
    const ids = all
      .filter(([, each]) => each === verdict)
      .map(([id]) => (verdict === 'notchecked' ? `${id} (${reasons[id] ?? 'no reason given'})` : id));
    return ids.length === 0
      ? []
      : [element('p', {}, element('span', { class: 'label' }, words), ' ', longText(ids.join(', ')))];
  });
  return lines.length === 0 ? null : element('section', {}, element('h3', {}, 'Other rules'), ...lines);
}

function list(title: string, items: readonly string[]): HTMLElement | null {
  if (items.length === 0) return null;
  return element(
    'section',
    {},
    element('h3', {}, title),
    element('ul', {}, ...items.map(item => element('li', {}, longText(item)))),
  );
}

function timing(row: Row, fleet: Fleet): HTMLElement {
  const connect = fleet.connectMs(row);
  const parts = [
    `${milliseconds(row.totalMs)} in all`,
    ...(connect === null ? [] : [`connected after ${milliseconds(connect)}`]),
  ];
  return element(
    'section',
    {},
    element('h3', {}, 'Visit'),
    element('p', {}, `${parts.join(', ')}; outcome ${row.outcome}.`),
  );
}
