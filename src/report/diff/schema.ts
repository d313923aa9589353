import { z } from 'zod';
import { diffSchema, findingChanges, type RunDiff } from '../../model/diff.ts';
import { severities } from '../../model/rule.ts';
import { outcomes } from '../../model/visit.ts';
import type { Same } from '../same-type.ts';

const severity = z.enum(severities);
const count = z.int().min(0);

const comparedRun = z.object({
  id: z.string(),
  startedAt: z.string(),
  version: z.string(),
  subject: z.string(),
  profile: z.enum(['audit', 'readiness']),
  intervalMs: count,
  hosts: count,
  audited: count,
  ended: z.boolean().meta({ description: 'false: it crashed, was interrupted, or still runs' }),
});

const findingThen = z.object({
  severity,
  state: z.string().nullable(),
  because: z.string(),
  waived: z.boolean(),
});

const rateChange = z
  .object({ field: z.string(), before: z.number().nullable(), after: z.number().nullable() })
  .meta({ description: 'a counter between the two samples of each run, 1/s; null: not measured, which is not 0' });

const findingChange = z.object({
  change: z.enum(findingChanges).meta({
    description: 'unknown: the later run did not look; first-seen: the earlier one did not; fixed and new: it did',
  }),
  rule: z.string(),
  owner: z.string().nullable().meta({ description: 'the network namespace, nginx[4711]; null: of the host' }),
  before: findingThen.readonly().nullable(),
  after: findingThen.readonly().nullable(),
  notLooked: z
    .enum(['host-missing', 'host-not-audited', 'not-checked', 'namespace-not-seen', 'run-not-ended'])
    .nullable(),
  waiver: z.enum(['given', 'ended']).nullable(),
  rate: rateChange.readonly().nullable().meta({ description: 'of the counter that proves it' }),
});

const bootLine = z.object({ value: z.string(), file: z.string(), line: z.int() }).readonly().nullable();

const settingChange = z.object({
  key: z.string(),
  running: z
    .object({ before: z.string().nullable(), after: z.string().nullable() })
    .readonly()
    .exactOptional()
    .meta({ description: 'running values; null: this kernel does not have the key' }),
  boot: z
    .object({ before: bootLine, after: bootLine })
    .readonly()
    .exactOptional()
    .meta({ description: 'who sets it at boot; null: no file' }),
});

const visitThen = z.object({
  outcome: z.enum(outcomes),
  kernel: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).readonly().nullable(),
});

const host = z.object({
  name: z.string(),
  before: visitThen.readonly().nullable().meta({ description: 'null: not in the earlier run' }),
  after: visitThen.readonly().nullable().meta({ description: 'null: not in the later run' }),
  reach: z.enum(['lost', 'regained']).nullable(),
  rebooted: z.boolean().nullable().meta({ description: 'null: cannot be told' }),
  findings: z.array(findingChange.readonly()).readonly(),
  settings: z.array(settingChange.readonly()).readonly(),
  rates: z.array(rateChange.readonly()).readonly().meta({ description: 'counters that moved in one of the runs' }),
});

const bySeverity = z.record(severity, count).readonly();

const summary = z.object({
  hosts: z.object({ both: count, gone: count, added: count, lost: count, regained: count, rebooted: count }).readonly(),
  findings: z
    .record(z.enum(findingChanges), bySeverity)
    .readonly()
    .meta({ description: 'host × network namespace × rule, unwaived' }),
  waivers: z.object({ given: count, ended: count }).readonly(),
  settings: count.meta({ description: 'host × key' }),
  exitCode: z.int(),
});

const rateTotal = z.object({
  field: z.string(),
  hosts: count.meta({ description: 'that both runs measured' }),
  before: z.number(),
  after: z.number(),
});

const diff = z.object({
  before: comparedRun.readonly(),
  after: comparedRun.readonly(),
  remarks: z.array(z.string()).readonly().meta({ description: 'what makes the runs hard to compare' }),
  summary: summary.readonly(),
  rates: z.array(rateTotal.readonly()).readonly().meta({ description: 'sums over hosts, 1/s' }),
  hosts: z.array(host.readonly()).readonly(),
});

// Fails to compile where the schema and the types of model/ say different things.
true satisfies Same<z.infer<typeof diff>, RunDiff>;

/** The document of `diff --format json`. Fields may be added within /1, so readers must let unknown ones pass. */
export const diffDocument = z.object({ schema: z.literal(diffSchema), ...diff.shape }).meta({
  title: diffSchema,
  description: 'What changed between two runs of synaudit, as `diff --format json` prints it',
});

/** What schema/diff.schema.json holds. */
export const diffJsonSchema = (): unknown => z.toJSONSchema(diffDocument, { io: 'input' });
