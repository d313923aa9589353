import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rolloutJsonSchema } from '../../src/report/rollout-schema.ts';

test('schema/rollout.schema.json is the schema of the documents', () => {
  const file = join(import.meta.dirname, '../../schema/rollout.schema.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(rolloutJsonSchema());
});
