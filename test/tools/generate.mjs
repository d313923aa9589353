// Writes the files that are made from the code; with --check fails if one of them is not what it would be.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inventoryJsonSchema } from '../../modules/inventory/schema.js';
import { diffJsonSchema } from '../../modules/report/diff/schema.js';
import { planJsonSchema } from '../../modules/report/plan-schema.js';
import { probeJsonSchema } from '../../modules/report/probe-schema.js';
import { rolloutJsonSchema } from '../../modules/report/rollout-schema.js';
import { runJsonSchema } from '../../modules/report/run-schema.js';
import { explainedRules, markdownIndex, markdownOf } from '../../modules/rules/explain.js';
import { bundleFile, clientBundle } from './bundle-report.mjs';

const rulePages = 'docs/rules';
const generated = {
  'schema/inventory.schema.json': `${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`,
  'schema/plan.schema.json': `${JSON.stringify(planJsonSchema(), null, 2)}\n`,
  'schema/diff.schema.json': `${JSON.stringify(diffJsonSchema(), null, 2)}\n`,
  'schema/probe.schema.json': `${JSON.stringify(probeJsonSchema(), null, 2)}\n`,
  'schema/rollout.schema.json': `${JSON.stringify(rolloutJsonSchema(), null, 2)}\n`,
  'schema/run.schema.json': `${JSON.stringify(runJsonSchema(), null, 2)}\n`,
  [bundleFile]: await clientBundle(),
  [`${rulePages}/README.md`]: markdownIndex(),
  ...Object.fromEntries(explainedRules.map(rule => [`${rulePages}/${rule.id}.md`, markdownOf(rule)])),
};

const check = process.argv.includes('--check');
const complain = message => {
  console.error(`${message}: npm run generate`);
  process.exitCode = 1;
};
mkdirSync(rulePages, { recursive: true });
for (const name of readdirSync(rulePages)) {
  const file = `${rulePages}/${name}`;
  if (file in generated) continue;
  if (check) complain(`${file} is of no rule`);
  else rmSync(file);
}
for (const [file, content] of Object.entries(generated)) {
  if (!check) writeFileSync(file, content);
  else if (contentOf(file) !== content) complain(`${file} is not up to date`);
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
