import { z } from 'zod';
import { severities } from '../model/rule.ts';
import { type FleetResult, type HostResult, type RunInfo, runSchema, type Summary } from '../model/run.ts';
import { outcomes } from '../model/visit.ts';
import type { Same } from './same-type.ts';

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
    perHour: z.number().exactOptional().meta({ description: 'average since boot, 1/h' }),
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

const verdicts = stringTo(z.enum(['pass', 'fail', 'notapplicable', 'notchecked', 'informational'])).readonly();
const notChecked = stringTo(z.string()).readonly().meta({ description: 'rules without a verdict, with the reason' });

const clients = z.object({
  connections: count,
  addresses: count,
  shared: z
    .array(z.object({ address: z.string(), connections: count, because: z.array(z.string()).readonly() }).readonly())
    .readonly(),
});

const timing = z
  .object({
    connectMs: z.number().nullable(),
    handshakeMs: z.number().exactOptional().meta({ description: 'keys exchanged' }),
    authMs: z.number().exactOptional().meta({ description: 'logged in' }),
    totalMs: z.number(),
  })
  .meta({ description: 'ms since the visit began' });

const listener = z.object({
  address: z.string(),
  port: count,
  queued: count.meta({ description: 'connections that wait for accept()' }),
  limit: count.nullable().meta({ description: 'what fits into the queue; null where ss is missing' }),
});

const rates = stringTo(z.number())
  .readonly()
  .meta({ description: 'of counters of dropped SYNs between the two samples, 1/s; one that is missing is not 0' });

const namespace = z.object({
  id: z.string().meta({ description: 'inode of the network namespace' }),
  owner: z.string().meta({ description: 'the process it was read through: nginx[4711]' }),
  container: z.string().nullable().meta({ description: 'first digits of the id of its container, or its name' }),
  findings: z.array(finding.readonly()).readonly(),
  verdicts,
  notChecked,
  rates: rates.exactOptional(),
});

const clientAnswer = z.object({
  cidr: z.string(),
  answer: z.enum(['drops', 'would-drop', 'does-not-drop', 'unknown']),
  because: z.string(),
});

const host = z.object({
  name: z.string(),
  groups: z.array(z.string()).readonly(),
  address: z.string(),
  hostname: z.string().nullable().meta({ description: 'what the host calls itself; null if that was not read' }),
  outcome: z.enum(outcomes),
  kernel: z.string().nullable().meta({ description: 'uname -r' }),
  cohort: z.string().nullable().meta({ description: 'hosts of equal settings have the same' }),
  os: z.string().nullable(),
  primary: z.string().nullable().meta({ description: 'rule id of the one cause that leads' }),
  error: error.readonly().nullable(),
  timing: timing.readonly(),
  unread: stringTo(z.string())
    .readonly()
    .meta({ description: 'sources that exist and could not be read, with the reason' }),
  notes: z.array(z.string()).readonly(),
  findings: z.array(finding.readonly()).readonly(),
  verdicts,
  notChecked,
  settings: stringTo(setting.readonly()).readonly(),
  clients: clients.readonly().nullable(),
  listeners: z.array(listener.readonly()).readonly().exactOptional(),
  namespaces: z.array(namespace.readonly()).readonly(),
  quiet: z
    .object({ excludes: z.string(), next: z.string() })
    .readonly()
    .nullable()
    .meta({ description: 'no counter of a dropped SYN moved: what that excludes, and what to do next' }),
  rates: rates.exactOptional(),
  client: clientAnswer.readonly().exactOptional().meta({ description: 'of the client of --client' }),
});

const names = z.array(z.string()).readonly();

const service = z.object({
  name: z.string(),
  port: count,
  groups: names,
  hosts: count,
  ready: z
    .boolean()
    .nullable()
    .meta({ description: 'null where hosts were not audited and no other speaks against it' }),
  blockers: names.meta({ description: 'hosts that drop or would drop its clients, folded' }),
  unknown: names.meta({ description: 'hosts of which that is not known, folded' }),
  because: z.string(),
});

const cohort = z.object({
  id: z.string(),
  label: z.string(),
  hosts: names,
  kernels: names,
  settings: stringTo(z.string()).readonly(),
});

const fleetFinding = z.object({
  rule: z.string(),
  severity,
  state: z.string().nullable(),
  title: z.string(),
  because: z.string(),
  hosts: names,
  waivedHosts: names,
  evidence: z.array(evidence.unwrap().extend({ host: z.string().exactOptional() }).readonly()).readonly(),
});

const gatewayNeed = z.object({
  group: z.string(),
  hosts: count,
  destination: z.string(),
  ports: count,
  gateways: z
    .array(
      z
        .object({
          gateway: z.string(),
          portsPerAddress: count,
          addresses: count,
          idleSeconds: count,
          atRisk: count.nullable(),
        })
        .readonly(),
    )
    .readonly(),
  because: z.string(),
});

const fleet = z.object({
  services: z.array(service.readonly()).readonly(),
  cohorts: z.array(cohort.readonly()).readonly(),
  findings: z.array(fleetFinding.readonly()).readonly(),
  gateways: z.array(gatewayNeed.readonly()).readonly(),
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
  client: z.string().exactOptional().meta({ description: 'the client of --client, as a CIDR' }),
});

const summary = z.object({
  hosts: stringTo(count).readonly().meta({ description: 'total, and a key per outcome that occurs' }),
  findings: z.record(severity, count).readonly().meta({ description: 'host × network namespace × rule, unwaived' }),
  exitCode: z.int(),
});

// Fails to compile where the schema and the types of model/ say different things.
true satisfies Same<z.infer<typeof run>, RunInfo>;
true satisfies Same<z.infer<typeof summary>, Summary>;
true satisfies Same<z.infer<typeof host>, HostResult>;
true satisfies Same<z.infer<typeof fleet>, FleetResult>;

/** The document of `--format json`. Fields may be added within /1, so readers must let unknown ones pass. */
export const runDocument = z
  .object({
    schema: z.literal(runSchema),
    run: run.extend({ finishedAt: z.iso.datetime(), interrupted: z.boolean() }),
    summary,
    ...fleet.shape,
    hosts: z.array(host),
  })
  .meta({ title: runSchema, description: 'A run of synaudit, as `--format json` prints it' });

/** What schema/run.schema.json holds. */
export const runJsonSchema = (): unknown => z.toJSONSchema(runDocument, { io: 'input' });
