import { z } from 'zod';
import {
  plannedCohort,
  plannedHostname,
  plannedId,
  plannedKey,
  plannedValue,
  planSchema,
  type RemediationPlan,
} from '../model/remediation.ts';
import { severities } from '../model/rule.ts';
import type { Same } from './same-type.ts';

const severity = z.enum(severities);
const text = z.string();
const stringTo = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const change = z.object({
  key: z.string().regex(plannedKey),
  from: z.string().regex(plannedValue),
  to: z.string().regex(plannedValue),
  rules: z.array(text).readonly().meta({ description: 'that ask for it, the most severe first' }),
  severity,
  summary: text,
  risk: text,
  because: text.exactOptional().meta({ description: 'why, of one of its hosts with its numbers' }),
  insteadOf: z
    .array(z.object({ rule: text, to: text }).readonly())
    .readonly()
    .exactOptional()
    .meta({ description: 'rules that want another value, and are less severe or come later' }),
});

const boot = z.object({ value: text, file: text, line: z.int().min(0) });

const target = z.object({
  name: text,
  hostname: z
    .string()
    .regex(plannedHostname)
    .meta({ description: 'what it calls itself: by that the script knows that it is on a host of its plan' }),
  kernel: text.nullable(),
  boot: stringTo(boot.readonly().nullable())
    .readonly()
    .meta({ description: 'by key: the line that wins at boot; null where none sets it' }),
});

const cohort = z.object({
  id: z.string().regex(plannedCohort),
  changes: z.array(change.readonly()).min(1).readonly(),
  hosts: z.array(target.readonly()).min(1).readonly(),
});

const byHand = z.object({
  rule: text,
  severity,
  hosts: z.string().meta({ description: 'folded: web[01-12]' }),
  summary: text,
  risk: text,
  why: text.meta({ description: 'why no script does it' }),
});

const plan = z.object({
  schema: z.literal(planSchema),
  id: z.string().regex(plannedId),
  createdAt: z.iso.datetime(),
  version: text,
  run: z.object({ id: text, startedAt: text, subject: text }).readonly(),
  cohorts: z.array(cohort.readonly()).readonly(),
  byHand: z.array(byHand.readonly()).readonly(),
  leftOut: z.object({ waived: z.int().min(0), notAudited: z.string() }).readonly(),
  files: stringTo(z.string().regex(/^[0-9a-f]{64}$/))
    .readonly()
    .meta({ description: 'SHA-256 in hex by path' }),
});

// Fails to compile where the schema and the types of model/ say different things.
true satisfies Same<z.infer<typeof plan>, RemediationPlan>;

/** `plan.json`. Fields may be added within /1, so readers must let unknown ones pass. */
export const planDocument = plan.meta({
  title: planSchema,
  description: 'A plan of `synaudit fix`: what changes on which hosts, and what is left to do by hand',
});

/** What schema/plan.schema.json holds. */
export const planJsonSchema = (): unknown => z.toJSONSchema(planDocument, { io: 'input' });

/** A parsed `plan.json`, or what is wrong with it: `cohorts.0.id: Invalid string`. */
export function checkedPlan(value: unknown): RemediationPlan | { readonly problem: string } {
  const { success, data, error } = planDocument.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  return { problem: issue === undefined ? 'is no plan' : `${issue.path.join('.') || 'plan'}: ${issue.message}` };
}
