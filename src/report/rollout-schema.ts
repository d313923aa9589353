import { z } from 'zod';
import { type RolloutDocument, rolloutSchema } from '../model/rollout.ts';
import type { Same } from './same-type.ts';

const count = z.int().min(0);
const sentence = z.string().meta({ description: 'in full sentences' });
const stringTo = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const boot = z.object({ value: z.string(), file: z.string(), line: count });
const winners = z.object({ procps: boot.readonly().nullable(), systemd: boot.readonly().nullable() });

const setting = z.object({
  key: z.string(),
  before: z.string().nullable().meta({ description: 'running value; null: not there, or not told' }),
  after: z.string().nullable(),
  bootBefore: winners.readonly().meta({ description: 'the line that wins at boot, by engine' }),
  bootAfter: winners.readonly(),
});

const health = z.object({
  problem: z.string().nullable().meta({ description: 'why the host could not be audited' }),
  acting: z.array(z.string()).readonly().meta({ description: 'rules whose cause acts now' }),
  counters: stringTo(
    z
      .object({ value: z.number(), rise: z.number().nullable().meta({ description: 'between the samples' }) })
      .readonly(),
  ).readonly(),
  probe: z
    .object({ attempts: count, failed: count })
    .readonly()
    .nullable()
    .meta({ description: 'connections to its services' }),
});

const standing = z.enum([
  'waiting',
  'checked',
  'applying',
  'asking',
  'applied',
  'verified',
  'unchanged',
  'refused',
  'not-reached',
  'undone',
  'unverified',
  'stuck',
  'returning',
  'asking-back',
  'returned',
  'rolled-back',
  'not-rolled-back',
  'unknown',
]);

const host = z.object({
  name: z.string(),
  cohort: z.string(),
  batch: count.nullable().meta({ description: 'null: its turn did not come' }),
  standing,
  because: sentence.nullable(),
  gate: z.enum(['passed', 'failed']).nullable(),
  settings: z.array(setting.readonly()).readonly(),
  health: z.object({ before: health.readonly().nullable(), after: health.readonly().nullable() }).readonly(),
});

const gate = z.object({
  batch: count,
  passed: z.boolean(),
  because: z.array(sentence).readonly(),
  hosts: z
    .array(z.object({ name: z.string(), passed: z.boolean(), because: z.array(sentence).readonly() }).readonly())
    .readonly(),
});

const options = z.object({
  canary: count,
  batch: z.string(),
  batchSize: count,
  maxFail: count,
  probe: z.boolean(),
  intervalSeconds: count,
  waitMs: count,
});

const rollout = z.object({
  id: z.string(),
  command: z.enum(['rollout', 'rollback']),
  plan: z.string(),
  digest: z.string().meta({ description: 'sha256:… of plan.json' }),
  directory: z.string(),
  version: z.string(),
  by: z.object({ user: z.string(), host: z.string() }).readonly(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable().meta({ description: 'null: it did not end' }),
  outcome: z.enum(['done', 'incomplete', 'failed', 'interrupted']).nullable(),
  exitCode: z.int().nullable(),
  because: sentence.nullable(),
  options: options.readonly(),
});

/** The document of `rollout` and `rollback`. Fields may be added within /1, so readers must let unknown ones pass. */
export const rolloutDocumentSchema = z
  .object({
    schema: z.literal(rolloutSchema),
    rollout: rollout.readonly(),
    summary: stringTo(count).readonly().meta({ description: 'total, and a key per standing that occurs' }),
    gates: z.array(gate.readonly()).readonly(),
    hosts: z.array(host.readonly()).readonly(),
    trail: z
      .array(z.looseObject({ type: z.string(), at: z.iso.datetime() }))
      .exactOptional()
      .meta({ description: 'every record of the log, in order: with --log' }),
  })
  .meta({ title: rolloutSchema, description: 'A rollout or rollback of synaudit, as `--format json` prints it' });

// Fails to compile where the schema and the types of model/ say different things. Records of the log are left open.
true satisfies Same<Omit<z.infer<typeof rolloutDocumentSchema>, 'trail'>, Omit<RolloutDocument, 'trail'>>;

/** What schema/rollout.schema.json holds. */
export const rolloutJsonSchema = (): unknown => z.toJSONSchema(rolloutDocumentSchema, { io: 'input' });
