import type { HostResult } from '../../src/model/run.ts';
import { failed, firing, result } from './results.ts';

/** A result in which everything that a host can say is the given text. */
export function saying(text: string): HostResult {
  const finding = firing(3, {
    because: text,
    title: text,
    evidence: [{ source: text, field: text, value: text, earlier: 1, perSecond: 3 }],
    remedy: { summary: text, set: { [text]: text }, risk: text, undo: { [text]: text } },
  });
  return result(text, {
    groups: [text],
    address: text,
    kernel: text,
    os: text,
    cohort: text,
    outcome: 'partial',
    unread: { [text]: text },
    notes: [text],
    findings: [finding, { ...finding, rule: text, waived: { reason: text, expires: text, owner: text } }],
    verdicts: { 'tw-recycle': 'fail', [text]: 'notchecked' },
    notChecked: { [text]: text },
    settings: { [text]: { value: text, boot: { value: text, file: text, line: 1 } } },
    clients: { connections: 1, addresses: 1, shared: [{ address: text, connections: 1, because: [text] }] },
    namespaces: [
      { id: '1', owner: text, container: text, findings: [finding], verdicts: { [text]: 'fail' }, notChecked: {} },
    ],
    quiet: { excludes: text, next: text },
    client: { cidr: text, answer: 'drops', because: text },
  });
}

/** A host that was not audited, with a message of its own making. */
export const failing = (text: string): HostResult =>
  failed(`${text}!`, 'failed', { code: text, message: text, hint: text, hop: text });

/** Texts that have broken out of reports: markup, terminals, directions, lengths. */
export const hostileTexts: readonly string[] = [
  '<img src=x onerror="alert(1)">',
  '"><script>alert(2)</script>',
  '</script><script>alert(3)</script>',
  '<!--<script>',
  "' onmouseover='alert(4)",
  'javascript:alert(5)',
  ']]></style><svg onload=alert(6)>',
  '{{constructor.constructor("alert(7)")()}}',
  '__proto__',
  'constructor',
  '\x1b[2J\x1b]0;owned\x07\x9b31m',
  'web\u202e10\u2066bew\u2069',
  'שרת-אינטרנט',
  'nul\x00 cr\r lf\n tab\t ls\u2028 ps\u2029',
  'lone \ud800 surrogate',
  'x'.repeat(65_536),
  '<b>'.repeat(21_000),
  'عرض '.repeat(16_000),
];
