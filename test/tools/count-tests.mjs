// Adds up the JSON reports of vitest; names what was skipped, and with SYNAUDIT_NO_SKIP=1 fails for it.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
const skipped = [];
for (const file of process.argv.slice(2)) {
  for (const { name, assertionResults } of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed') passed++;
      else if (status === 'failed') failed++;
      else skipped.push(`${name.replace(`${process.cwd()}/`, '')}: ${fullName}`);
    }
  }
}
for (const line of new Set(skipped)) console.log(`skipped: ${line}`);
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
if (failed > 0 || passed === 0 || (skipped.length > 0 && process.env.SYNAUDIT_NO_SKIP === '1')) process.exit(1);
