import type { Evidence, Finding } from '../../model/rule.ts';
import type { HostResult, NamespaceResult } from '../../model/run.ts';
import { formatDuration } from '../../text/duration.ts';
import { alignRows, wrapColumns } from '../../text/table.ts';
import type { HostRow } from '../host-row.ts';
import { bar, blank, type Line, line, type Span, safe, sparkline } from '../line.ts';
import { standingLooks, toned } from '../standing.ts';
import type { RuleHelp, State } from '../state.ts';
import { shareText } from './columns.ts';
import { labelled, margin } from './panel.ts';

/** Rows of one list on the page; a hostile host has as many as it likes. */
const mostRows = 60;
/** Lines that one text may take. */
const mostLines = 8;

/** One host, top to bottom: the verdict, findings with evidence, clients, settings, listeners, timing. */
export function hostPage(row: HostRow, { columns, explains, setup }: State): readonly Line[] {
  const { result } = row;
  const { sign, word, tone } = standingLooks[row.standing];
  const cohort = result.cohort === null ? '' : `cohort ${result.cohort}`;
  const about = [result.address, result.groups.join(','), result.os ?? '', result.kernel ?? '', cohort].filter(
    text => text !== '',
  );
  return [
    [
      { text: ` ${row.name}`, tone: 'bold' },
      { text: `  ${sign} `, tone },
      toned(`${word}  `, tone),
      { text: row.changed === null ? '' : `↻ ${row.changed}` },
    ],
    ...wrapColumns(safe(about.join(' · ')), columns - 2)
      .slice(0, mostLines)
      .map(text => line(` ${text}`, 'dim')),
    ...errorLines(result, columns),
    ...result.findings.flatMap(finding => findingLines(finding, { columns, explains, rules: setup.rules })),
    ...result.namespaces
      .slice(0, mostRows)
      .flatMap(namespace => namespaceLines(namespace, { columns, explains, rules: setup.rules })),
    ...(result.findings.length === 0 && result.error === null
      ? [blank, ...labelled('verdict', row.verdict, columns, 2)]
      : []),
    ...quietLines(result, columns),
    ...trendLines(row),
    ...clientLines(result, columns),
    ...tableOf('Settings', settingRows(result), columns),
    ...listenerLines(result, columns),
    ...tableOf('Not checked', Object.entries(result.notChecked), columns),
    ...tableOf('Could not be read', Object.entries(result.unread), columns),
    ...tableOf(
      'Remarks',
      result.notes.map(note => [note]),
      columns,
    ),
    ...tableOf('Visit', timingRows(result), columns),
  ];
}

interface Showing {
  readonly columns: number;
  readonly explains: boolean;
  readonly rules: readonly RuleHelp[];
}

const heading = (text: string): readonly Line[] => [blank, line(` ${text}`, 'bold')];

/** Aligned rows under a heading; nothing if there are none. */
function tableOf(title: string, rows: readonly (readonly string[])[], columns: number): readonly Line[] {
  if (rows.length === 0) return [];
  const shown = alignRows(rows.slice(0, mostRows).map(cells => cells.map(safe)));
  const more = rows.length > mostRows ? [line(`   … and ${rows.length - mostRows} more`, 'dim')] : [];
  return [...heading(title), ...shown.flatMap(text => hanging(text, columns).map(part => line(part))), ...more];
}

/** A text wrapped to the lines it takes, the second and following further in. */
const hanging = (text: string, columns: number): readonly string[] =>
  wrapColumns(text, columns - 6)
    .slice(0, mostLines)
    .map((part, i) => `${i === 0 ? '   ' : '     '}${part}`);

const errorLines = ({ error, outcome }: HostResult, columns: number): readonly Line[] =>
  error === null
    ? []
    : [
        blank,
        ...labelled(outcome.slice(0, 7), `${error.message} (${error.phase}, ${error.code})`, columns, mostLines),
        ...labelled('hint', error.hint, columns, mostLines),
        ...(error.hop === undefined ? [] : labelled('hop', error.hop, columns, 1)),
      ];

function findingLines(finding: Finding, { columns, explains, rules }: Showing): readonly Line[] {
  const { rule, state, severity, title, because, confidence, evidence, remedy, waived } = finding;
  const { sign, word, tone } = standingLooks[severity];
  const head: Span[] = [
    { text: ` ${sign} `, tone },
    toned(`${word.toUpperCase()} `, tone),
    { text: `${rule}${state === null ? '' : ` · ${state}`}`, tone: 'bold' },
    { text: `  confidence ${confidence}` },
  ];
  const help = explains ? rules.find(({ id }) => id === rule) : undefined;
  return [
    blank,
    head,
    ...labelled('what', title, columns, mostLines),
    ...(waived === null ? [] : labelled('waived', `until ${waived.expires}: ${waived.reason}`, columns, 2)),
    ...labelled('why', because, columns, mostLines),
    ...evidenceLines(evidence),
    ...(remedy === null ? [] : labelled('fix', remedy.summary, columns, mostLines)),
    ...(remedy === null || remedy.risk === '' ? [] : labelled('risk', remedy.risk, columns, mostLines)),
    ...(help === undefined ? [] : helpLines(help, columns)),
  ];
}

/** `field  before  now  per second  source`: where a line is too long, the numbers stay. */
function evidenceLines(evidence: readonly Evidence[]): readonly Line[] {
  const rows = evidence
    .slice(0, mostRows)
    .map(({ source, field, value, earlier, perSecond, perHour }) => [
      field,
      earlier === undefined ? '' : String(earlier),
      typeof value === 'number' ? String(value) : safe(value).slice(0, 60),
      perSecond === undefined
        ? perHour === undefined
          ? ''
          : `${perHour.toFixed(2)}/h since boot`
        : `${perSecond.toFixed(2)}/s`,
      source,
    ]);
  if (rows.length === 0) return [];
  const [head = '', ...lines] = alignRows([
    ['field', 'before', 'now', 'rate', 'source'],
    ...rows.map(cells => cells.map(safe)),
  ]);
  const indent = ' '.repeat(margin);
  return [line(`${indent}${head}`, 'dim'), ...lines.map(text => line(`${indent}${text}`))];
}

/** The rule's own words. */
export const helpLines = ({ sections }: RuleHelp, columns: number): readonly Line[] =>
  sections.flatMap(({ heading: title, text, items = [] }) => [
    line(`   ${title}`, 'bold'),
    ...(text === undefined ? [] : wrapColumns(safe(text), columns - 7).map(part => line(`     ${part}`))),
    ...items.flatMap(item =>
      wrapColumns(safe(item), columns - 9).map((part, i) => line(`     ${i === 0 ? '-' : ' '} ${part}`)),
    ),
  ]);

const namespaceLines = ({ owner, findings }: NamespaceResult, showing: Showing): readonly Line[] =>
  findings.length === 0
    ? []
    : [
        ...heading(`In the network namespace of ${owner}`),
        ...findings.flatMap(finding => findingLines(finding, showing)),
      ];

const quietLines = ({ quiet }: HostResult, columns: number): readonly Line[] =>
  quiet === null
    ? []
    : [blank, ...labelled('quiet', quiet.excludes, columns, 3), ...labelled('next', quiet.next, columns, 3)];

function trendLines({ trend }: HostRow): readonly Line[] {
  if (trend.length < 2) return [];
  const latest = trend.at(-1) ?? 0;
  return [
    ...heading('SYNs dropped by recycle, per second, round by round'),
    line(
      `   ${sparkline(trend, trend.length)}  ${latest.toFixed(2)}/s now, ${Math.max(...trend).toFixed(2)}/s at most`,
    ),
  ];
}

function clientLines({ clients, error, client }: HostResult, columns: number): readonly Line[] {
  const asked =
    client === undefined
      ? []
      : labelled('client', `${client.cidr}: ${client.answer}. ${client.because}`, columns, mostLines);
  if (clients === null)
    return error === null
      ? [...heading('Clients'), ...asked, line('   not known: the sockets could not be read', 'dim')]
      : [];
  const shared = clients.shared.reduce((sum, { connections }) => sum + connections, 0);
  const share = clients.connections === 0 ? 0 : shared / clients.connections;
  const rows = clients.shared
    .slice(0, mostRows)
    .map(({ address, connections, because }) => [safe(address), String(connections), safe(because.join(', '))]);
  const rest = `${clients.connections} connections from ${clients.addresses} addresses`;
  return [
    ...heading('Clients'),
    ...asked,
    ...hanging(`${bar(share, 20)} ${shareText(share)} of ${rest} come from shared addresses`, columns).map(text =>
      line(text),
    ),
    ...(rows.length === 0
      ? []
      : alignRows([['address', 'connections', 'why it counts as shared'], ...rows]).flatMap((text, i) =>
          hanging(text, columns).map(part => line(part, i === 0 ? 'dim' : undefined)),
        )),
  ];
}

const settingRows = ({ settings }: HostResult): readonly (readonly string[])[] =>
  Object.entries(settings).map(([key, { value, boot }]) => [
    key,
    value === null ? 'unreadable' : value,
    boot === undefined ? 'set by no file' : `${boot.value} at boot, ${boot.file}:${boot.line}`,
  ]);

function listenerLines({ listeners }: HostResult, columns: number): readonly Line[] {
  const rows = (listeners ?? []).map(({ address, port, queued, limit }) => [
    `${safe(address)}:${port}`,
    limit === null ? `${queued} waiting` : `${queued} of ${limit} waiting`,
    limit === null || limit === 0 ? '' : `${bar(queued / limit, 10)} ${shareText(queued / limit)}`,
  ]);
  return tableOf('Listeners, the fullest accept queue first', rows, columns);
}

/** How far the visit had come when; what is not known of a phase is left out. */
function timingRows({ timing }: HostResult): readonly (readonly string[])[] {
  const { connectMs, handshakeMs, authMs, totalMs } = timing;
  const reached: readonly (readonly [string, number | null | undefined])[] = [
    ['connected', connectMs],
    ['keys exchanged', handshakeMs],
    ['logged in', authMs],
    ['done', totalMs],
  ];
  return reached.flatMap(([what, ms]) => (ms == null ? [] : [[what, `after ${formatDuration(ms)}`]]));
}
