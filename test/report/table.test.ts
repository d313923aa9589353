import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/model/rule.ts';
import { stripControls } from '../../src/text/ansi.ts';
import { displayWidth } from '../../src/text/table.ts';
import fc from '../fast-check.ts';
import { eventsOf, failed, firing, recycling, rendered, result, run } from './results.ts';

const web = Array.from({ length: 12 }, (_, i) => recycling(`web${String(i + 1).padStart(2, '0')}`, i * 4.5));

test('equal findings are one block that the worst host stands for', () => {
  expect(
    rendered('table', eventsOf([...web, result('api1')])),
  ).toBe(`synaudit · 13 hosts (inventory.yaml) · 38 s · two samples 2 s apart

CRITICAL    tw-recycle · firing           12 hosts  web[01-12]
            web12, the worst: SYNs are being dropped now: PAWSPassive +49.5/s,
            5,120 since boot.
            Set at boot by /etc/sysctl.d/30-tuning.conf:4.
            Fix: net.ipv4.tcp_tw_recycle=0, keep tcp_timestamps=1.
            Risk: TIME_WAIT lasts 60 s again.
ok                                          1 host
            tw-recycle: not applicable (their kernels have no such key)

12 hosts lose or will lose connections: tcp_tw_recycle drops SYNs of clients
without an answer.
Next: synaudit report -f json
`);
});

test('the worst comes first: severity, then what acts now, then the number of hosts', () => {
  const calm = firing(0, { state: 'exposed', because: 'Exposed.' });
  const text = rendered(
    'table',
    eventsOf([
      result('low', { findings: [firing(0, { severity: 'low', state: 'inert' })] }),
      result('calm1', { findings: [calm] }),
      result('calm2', { findings: [calm] }),
      recycling('now', 3),
      result('high', { findings: [firing(0, { severity: 'high', rule: 'tw-recycle-persisted', state: null })] }),
    ]),
  );
  const order = [...text.matchAll(/^(?:CRITICAL|HIGH|LOW) .*$/gm)].map(([line]) => line.trim().split(/ {2,}/).at(-1));
  expect(order).toEqual(['now', 'calm[1-2]', 'high', 'low']);
});

test('where the value is set at boot, with the number of hosts if it differs', () => {
  const text = rendered('table', eventsOf([recycling('a', 1, 4), recycling('b', 1, 4), recycling('c', 1, 17)]));
  expect(text).toContain('/etc/sysctl.d/30-tuning.conf:4 (2 of 3 hosts)');
  expect(text).toContain('/etc/sysctl.d/30-tuning.conf:17 (1)');
});

test('hosts that were not audited stand by reason with a hint, and the total says how many', () => {
  const text = rendered(
    'table',
    eventsOf([
      failed('old1', 'unreachable'),
      failed('old2', 'unreachable'),
      failed('gw', 'auth-failed', { code: 'auth' }),
      result('ok1'),
    ]),
  );
  expect(text).toContain('Not audited: 3 of 4\n  unreachable                              2 hosts  old[1-2]\n');
  expect(text).toContain('old1: connection refused by old1.example.com port 22');
  expect(text).toContain('hint: is sshd running, and on this port?');
  expect(text).toContain('Nothing found on 1 audited host; nothing is known of the other 3.');
  expect(text).toContain('Next: again with --retry latest · synaudit report');
});

test('hosts that a run did not come to are not audited, and nothing is known of them', () => {
  const events = eventsOf([result('ok1'), failed('old1', 'unreachable')], { hostCount: 42 });
  const text = rendered(
    'table',
    events.map(event => (event.type === 'end' ? { ...event, finishedAt: run.startedAt } : event)),
  );
  expect(text).toMatch(/^synaudit · 42 hosts \(inventory\.yaml\) · two samples/);
  expect(text).toContain('Not audited: 41 of 42\nThe run did not end: 40 of its 42 hosts have no result.\n');
  expect(text).toContain('Nothing found on 1 audited host; nothing is known of the other 41.');
});

test('a fix that several blocks call for is written out once', () => {
  const text = rendered(
    'table',
    eventsOf([recycling('a', 1), result('b', { findings: [firing(0, { state: 'exposed' })] })]),
  );
  expect(text.match(/Risk: /g)).toHaveLength(1);
  expect(text).toContain('Fix: as above.');
});

test('a dead jump host is named', () => {
  expect(rendered('table', eventsOf([failed('db1', 'unreachable', { hop: 'bastion' })]))).toContain(
    '(jump host bastion)',
  );
});

test('what could not be checked is never counted as ok', () => {
  const partial = result('p1', {
    outcome: 'partial',
    unread: { 'proc/net/netstat': 'not permitted' },
    verdicts: { 'tw-recycle': 'notchecked' },
    notChecked: { 'tw-recycle': 'proc/net/netstat: not permitted' },
  });
  const text = rendered('table', eventsOf([partial]));
  expect(text).not.toMatch(/^ok /m);
  expect(text).toContain('not checked');
  expect(text).toContain('proc/net/netstat: not permitted');
});

test('a waived finding is shown as waived, with reason and date, and is no reason for alarm', () => {
  const waived = { reason: 'closed network', expires: '2027-03-01', owner: 'net-team' };
  const text = rendered('table', eventsOf([result('lab1', { findings: [firing(1, { waived })] })]));
  expect(text).toMatch(/^waived {6}tw-recycle · firing/m);
  expect(text).toContain('Waived until 2027-03-01 (net-team): closed network');
  expect(text).not.toContain('CRITICAL');
  expect(text).not.toMatch(/^ok /m);
  expect(text).toContain('Nothing found that is not waived on 1 audited host.');
  expect(text).not.toMatch(/\blose/);
});

test('nothing audited: nothing is claimed', () => {
  expect(rendered('table', eventsOf([failed('a', 'timed-out')]))).toContain(
    'No host was audited: nothing is known of their SYNs.',
  );
});

describe('1,000 hosts', () => {
  const odd = Array.from({ length: 1_000 }, (_, i) => recycling(`h${(i * 7_919) % 100_003}x`, i));
  test('stay a page, and -v names them all', () => {
    const lines = rendered('table', eventsOf(odd)).split('\n');
    expect(lines.length).toBeLessThan(20);
    expect(lines.some(line => line.includes('… all 1000 names: -v'))).toBe(true);
    expect(rendered('table', eventsOf(odd), { verbose: true }).split('\n').length).toBeGreaterThan(50);
  });
});

test('colour only paints: without the codes the text is the same', () => {
  const events = eventsOf([...web, failed('a', 'unreachable'), result('b')]);
  const colored = rendered('table', events, { color: true });
  expect(colored).toContain('\x1b[31mCRITICAL\x1b[0m');
  expect(colored.replace(/\x1b\[\d*m/g, '')).toBe(rendered('table', events));
});

test('whatever hosts say, no line is too wide and no control character gets out', () => {
  const text = fc.string({ unit: 'binary', maxLength: 120 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: text, because: text, reason: text, note: text }), { maxLength: 8 }),
      hosts => {
        const out = rendered(
          'table',
          eventsOf(
            hosts.flatMap(({ name, because, reason, note }) => [
              result(`${name}\x1b]0;x\x07`, { findings: [firing(1, { because, state: reason })], notes: [note] }),
              failed(name, 'failed', { message: because, hint: reason, hop: note }),
            ]),
            { subject: hosts[0]?.note ?? '' },
          ),
        );
        for (const line of out.split('\n')) {
          expect(stripControls(line)).toBe(line);
          if (!line.includes('·')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('a finding in a container', () => {
  const inside = (owner: string, change: Partial<Finding> = {}) => ({
    id: '4026532281',
    owner,
    container: null,
    findings: [firing(3, { rule: 'accept-queue-overflow', state: 'active', severity: 'high', ...change })],
    verdicts: {},
    notChecked: {},
  });
  const subjects = (text: string): string[] => [...text.matchAll(/^HIGH +(.*)$/gm)].map(([, line]) => line as string);

  test('names it, and its host is not clean', () => {
    const text = rendered('table', eventsOf([result('web1', { namespaces: [inside('nginx[4711]')] })]));
    expect(subjects(text)).toEqual(['accept-queue-overflow · active in nginx[4711]  1 host  web1']);
    expect(text).not.toMatch(/^ok /m);
    expect(text).toContain('1 host leaves SYNs without an answer');
  });

  test('folds with those of the same program elsewhere; a host of several is one host', () => {
    const text = rendered(
      'table',
      eventsOf([
        result('web1', { namespaces: [inside('nginx[4711]'), inside('nginx[4800]')] }),
        result('web2', { namespaces: [inside('nginx[9]'), inside('haproxy[10]')] }),
      ]),
    );
    expect(subjects(text).map(line => line.replace(/ {2,}/g, ' | '))).toEqual([
      'accept-queue-overflow · active in nginx | 2 hosts | web[1-2]',
      'accept-queue-overflow · active in haproxy[10] | 1 host | web2',
    ]);
  });

  test('is apart from the same finding of the host, and no sysctl file of the host is blamed for it', () => {
    const host = recycling('web1', 3);
    const text = rendered(
      'table',
      eventsOf([
        { ...host, namespaces: [inside('nginx[4711]', { rule: 'tw-recycle', state: 'firing', severity: 'critical' })] },
      ]),
    );
    expect(text).toMatch(/^CRITICAL +tw-recycle · firing +1 host/m);
    expect(text).toMatch(/^CRITICAL +tw-recycle · firing in nginx\[4711\] +1 host/m);
    expect(text.match(/Set at boot by/g)).toHaveLength(1);
  });
});
