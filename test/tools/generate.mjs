// Writes the files that are made from the code; with --check fails if one of them is not what it would be.
import { readFileSync, writeFileSync } from 'node:fs';
import { inventoryJsonSchema } from '../../dist/inventory/schema.js';
import { runJsonSchema } from '../../dist/report/run-schema.js';

const generated = {
  'schema/inventory.schema.json': `${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`,
  'schema/run.schema.json': `${JSON.stringify(runJsonSchema(), null, 2)}\n`,
};

const check = process.argv.includes('--check');
for (const [file, content] of Object.entries(generated)) {
  if (!check) {
    writeFileSync(file, content);
  } else if (readFileSync(file, 'utf8') !== content) {
    console.error(`${file} is not up to date: npm run generate`);
    process.exitCode = 1;
  }
}
