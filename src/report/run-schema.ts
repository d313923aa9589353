import { z } from 'zod';
import { severities } from '../model/rule.ts';
import { type HostResult, type RunInfo, runSchema, type Summary } from '../model/run.ts';
import { outcomes } from '../model/visit.ts';

const severity = z.enum(severities);
const count = z.int().min(0);
const stringTo = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const evidence = z
  .object({
    source: z.string().meta({ description: 'path of the source without the leading slash' }),
    field: z.string().meta({ description: 'as the kernel spells it' }),
    value: z.union([z.number(), z.string()]),
    earlier: z.number().exactOptional().meta({ description: 'value of the first sample' }),
    perSecond: z.number().exactOptional().meta({ description: 'rate between the samples, 1/s' }),
  })
  .readonly();

const remedy = z.object({
  summary: z.string(),
  set: stringTo(z.string()).readonly().meta({ description: 'sysctl keys with dots, and their values' }),
  risk: z.string(),
  undo: stringTo(z.string()).readonly(),
});

const finding = z.object({
  rule: z.string(),
  severity,
  state: z.string().nullable().meta({ description: 'which rung of the rule, for instance firing' }),
  title: z.string(),
  because: z.string(),
  confidence: z.enum(['certain', 'high', 'medium', 'low']),
  evidence: z.array(evidence).readonly(),
  remedy: remedy.readonly().nullable(),
  waived: z
    .object({ reason: z.string(), expires: z.string(), owner: z.string().exactOptional() })
    .readonly()
    .nullable(),
});

const error = z
  .object({
    phase: z.enum(['plan', 'connect', 'handshake', 'auth', 'exec', 'collect']),
    code: z.string().meta({ description: 'stable, kebab-case' }),
    message: z.string(),
    hint: z.string(),
    hop: z.string().exactOptional().meta({ description: 'the jump host where it happened' }),
    retryable: z.boolean(),
  })
  .meta({ description: 'why the host was not audited' });

const setting = z.object({
  value: z.string().nullable().meta({ description: 'running value; null where the key is not there or unreadable' }),
  boot: z.object({ value: z.string(), file: z.string(), line: z.int() }).readonly().exactOptional(),
});

const clients = z.object({
  connections: count,
  addresses: count,
  shared: z
    .array(z.object({ address: z.string(), connections: count, because: z.array(z.string()).readonly() }).readonly())
    .readonly(),
});

const host = z.object({
  name: z.string(),
  groups: z.array(z.string()).readonly(),
  address: z.string(),
  outcome: z.enum(outcomes),
  kernel: z.string().nullable().meta({ description: 'uname -r' }),
  os: z.string().nullable(),
  primary: z.string().nullable().meta({ description: 'rule id of the one cause that leads' }),
  error: error.readonly().nullable(),
  timing: z.object({ connectMs: z.number().nullable(), totalMs: z.number() }).readonly(),
  unread: stringTo(z.string())
    .readonly()
    .meta({ description: 'sources that exist and could not be read, with the reason' }),
  notes: z.array(z.string()).readonly(),
  findings: z.array(finding.readonly()).readonly(),
  verdicts: stringTo(z.enum(['pass', 'fail', 'notapplicable', 'notchecked', 'informational'])).readonly(),
  notChecked: stringTo(z.string()).readonly().meta({ description: 'rules without a verdict, with the reason' }),
  settings: stringTo(setting.readonly()).readonly(),
  clients: clients.readonly().nullable(),
});

const run = z.object({
  id: z.string(),
  startedAt: z.iso.datetime(),
  version: z.string(),
  profile: z.enum(['audit', 'readiness']),
  intervalMs: count,
  subject: z.string().meta({ description: 'what was audited, for people' }),
  hostCount: count,
  failOn: z.enum([...severities, 'never']),
  allowIncomplete: z.boolean(),
});

const summary = z.object({
  hosts: stringTo(count).readonly().meta({ description: 'total, and a key per outcome that occurs' }),
  findings: z.record(severity, count).readonly().meta({ description: 'host × rule, unwaived' }),
  exitCode: z.int(),
});

/** Fails to compile where the schema and the types of model/ say different things. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<z.infer<typeof run>, RunInfo>;
true satisfies Same<z.infer<typeof summary>, Summary>;
true satisfies Same<z.infer<typeof host>, HostResult>;

/** The document of `--format json`. Fields may be added within /1, so readers must let unknown ones pass. */
export const runDocument = z
  .object({
    schema: z.literal(runSchema),
    run: run.extend({ finishedAt: z.iso.datetime(), interrupted: z.boolean() }),
    summary,
    hosts: z.array(host),
  })
  .meta({ title: runSchema, description: 'A run of synaudit, as `--format json` prints it' });

/** What schema/run.schema.json holds. */
export const runJsonSchema = (): unknown => z.toJSONSchema(runDocument, { io: 'input' });
