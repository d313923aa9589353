import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runDocument, runJsonSchema } from '../../src/report/run-schema.ts';
import { eventsOf, failed, recycling, rendered, result } from './results.ts';

const document = (hosts: Parameters<typeof eventsOf>[0]) => JSON.parse(rendered('json', eventsOf(hosts)));

test('what json prints is what the schema says', () => {
  const hosts = [recycling('web01', 59.5), result('api1'), failed('old1', 'unreachable', { hop: 'bastion' })];
  expect(runDocument.safeParse(document(hosts)).error).toBeUndefined();
});

test.each([
  ['an unknown outcome', { outcome: 'fine' }],
  ['a missing name', { name: undefined }],
  ['a verdict of another word', { verdicts: { 'tw-recycle': 'ok' } }],
])('%s is not', (_name, change) => {
  const [host] = document([result('a')]).hosts;
  expect(runDocument.safeParse({ ...document([result('a')]), hosts: [{ ...host, ...change }] }).success).toBe(false);
});

test('fields may be added within /1', () => {
  const [host] = document([result('a')]).hosts;
  expect(runDocument.safeParse({ ...document([]), cohorts: [], hosts: [{ ...host, cohort: 'c3' }] }).success).toBe(
    true,
  );
});

test('schema/run.schema.json is fresh', () => {
  const file = new URL('../../schema/run.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(runJsonSchema());
});
