import { expect, test } from 'vitest';
import { eventsOf, failed, recycling, rendered, result } from './results.ts';

const hosts = [recycling('web01', 59.5), result('api1'), failed('old1', 'unreachable')];

test('json: one document with run, summary and every host as it is', () => {
  const document = JSON.parse(rendered('json', eventsOf(hosts)));
  expect(document.schema).toBe('synaudit/run/1');
  expect(document.run).toMatchObject({
    id: '20261122T194947Z-3f9c01',
    finishedAt: '2026-11-22T19:50:25.000Z',
    profile: 'audit',
  });
  expect(document.summary).toEqual({
    hosts: { total: 3, audited: 2, unreachable: 1 },
    findings: { critical: 1, high: 0, medium: 0, low: 0, info: 0 },
    exitCode: 1,
  });
  expect(document.hosts).toEqual(JSON.parse(JSON.stringify(hosts)));
});

test('json of no host is a document, too', () => {
  expect(JSON.parse(rendered('json', eventsOf([]))).hosts).toEqual([]);
});

test('ndjson: run, one host per line, end', () => {
  const lines = rendered('ndjson', eventsOf(hosts))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(lines.map(({ type }) => type)).toEqual(['run', 'host', 'host', 'host', 'end']);
  expect(lines[1]).toEqual({ type: 'host', ...JSON.parse(JSON.stringify(hosts[0])) });
  expect(lines[4].summary.exitCode).toBe(1);
});

test('ndjson writes each host when it comes, not at the end', () => {
  const events = eventsOf(hosts).slice(0, 2);
  expect(rendered('ndjson', events).split('\n')).toHaveLength(3);
});

test('control characters of hosts stay escaped in both', () => {
  const events = eventsOf([result('evil\x1b[2J\u2028')]);
  expect(rendered('json', events)).toContain('evil\\u001b[2J');
  expect(rendered('ndjson', events)).toContain('evil\\u001b[2J');
});
