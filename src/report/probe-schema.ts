import { z } from 'zod';
import { type ProbeDocument, probeSchema } from '../model/probe.ts';
import type { Same } from './same-type.ts';

const text = z.string();
const count = z.int().min(0);
const ms = z.number().min(0);
const stringTo = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const interval = z
  .object({ low: z.number(), high: z.number() })
  .readonly()
  .nullable()
  .meta({ description: '95 %; null where there was no attempt' });

const share = z
  .object({
    count,
    attempts: count,
    share: z.number().min(0).max(1).nullable().meta({ description: 'null where there was no attempt' }),
    interval,
  })
  .readonly();

const outcomes = z
  .object({ connected: count, refused: count, reset: count, timeout: count, unreachable: count })
  .readonly();

const tally = z.object({
  attempts: count.meta({ description: 'that came to an end and say something of the target' }),
  outcomes,
  notSent: count.meta({ description: 'trouble of whoever asked; in no share' }),
  unfinished: count.meta({ description: 'cut off; in no share' }),
  failures: share,
  firstSynLost: share.meta({
    description: 'timeouts, and connects that came after a SYN was sent again',
  }),
  latency: z
    .object({ min: ms, p50: ms, p90: ms, p99: ms, max: ms })
    .readonly()
    .nullable()
    .meta({ description: 'of connects, in ms, without the round trip of SSH' }),
  steps: z
    .array(z.object({ afterSeconds: count, connects: count }).readonly())
    .readonly()
    .meta({ description: 'connects right after a SYN was sent: at 0 s for the first time, then again' }),
  slow: count.meta({ description: 'connects between the steps, slower than 1 s' }),
  reasons: stringTo(count).readonly(),
  notSentReasons: stringTo(count)
    .readonly()
    .exactOptional()
    .meta({ description: 'those of attempts that could not be made, alone' }),
});

const pair = tally.extend({
  from: text.meta({ description: 'here, or the name of an inventory host' }),
  to: text,
  host: text,
  port: z.int().min(1).max(65_535),
  address: text.exactOptional(),
  service: text.exactOptional(),
  roundTripMs: ms.nullable().meta({ description: 'of SSH; subtracted from each connect' }),
  stopped: text.exactOptional().meta({ description: 'why fewer attempts were made than asked for' }),
});

const change = z
  .object({
    before: share,
    after: share,
    difference: z.number().nullable().meta({ description: 'after - before' }),
    interval,
    p: z.number().min(0).max(1).nullable().meta({ description: "Fisher's exact test, two-sided" }),
    verdict: z.enum(['better', 'worse', 'untold']),
    attemptsNeeded: count
      .nullable()
      .meta({ description: 'before, and as many after, to show this difference (power 80 %, level 5 %)' }),
  })
  .readonly();

const comparison = z.object({
  before: text.meta({ description: 'id of the earlier probe' }),
  pairs: z.array(z.object({ from: text, to: text, failures: change }).readonly()).readonly(),
  failures: change,
  firstSynLost: change,
  onlyBefore: z.array(text).readonly(),
  onlyAfter: z.array(text).readonly(),
  cautions: z.array(text).readonly(),
  says: text,
});

const origin = z.object({
  name: text,
  error: z.object({ outcome: text, message: text, hint: text }).readonly().nullable(),
});

const probe = z.object({
  schema: z.literal(probeSchema),
  id: text,
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  version: text,
  kernel: text.meta({ description: 'uname -r of this machine' }),
  options: z
    .object({
      attempts: count.meta({ description: 'per pair' }),
      perSecond: z.number().positive().meta({ description: 'to one target, from all places together' }),
      concurrency: count.meta({ description: 'open at once from one place' }),
      timeoutMs: ms,
    })
    .readonly(),
  interrupted: z.boolean(),
  all: tally.readonly(),
  pairs: z.array(pair.readonly()).readonly(),
  lagMs: ms.meta({ description: 'how long the program was kept from running, at the longest' }),
  origins: z.array(origin.readonly()).readonly(),
  says: z.array(text).readonly().meta({ description: 'what the numbers come to' }),
  limits: z.array(text).readonly().meta({ description: 'what a probe like this cannot show' }),
  comparison: comparison.readonly().nullable(),
});

// Fails to compile where the schema and the types of model/ say different things.
true satisfies Same<z.infer<typeof probe>, ProbeDocument>;

/** `probe -f json`, and a stored probe. Fields may be added within /1, so readers must let unknown ones pass. */
export const probeDocument = probe.meta({
  title: probeSchema,
  description: 'Connection attempts of `synaudit probe`: how many failed, and how long the others took',
});

/** What schema/probe.schema.json holds. */
export const probeJsonSchema = (): unknown => z.toJSONSchema(probeDocument, { io: 'input' });

/** A parsed probe, or what is wrong with it: `pairs.0.port: Too big`. */
export function checkedProbe(value: unknown): ProbeDocument | { readonly problem: string } {
  const { success, data, error } = probeDocument.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    return { problem: issue === undefined ? 'is no probe' : `${issue.path.join('.') || 'probe'}: ${issue.message}` };
  }
  const wrong = [data.all, ...data.pairs].some(one => {
    const failed = one.attempts - one.outcomes.connected;
    return (
      one.failures.count !== failed || one.failures.attempts !== one.attempts || one.firstSynLost.count > one.attempts
    );
  });
  return wrong ? { problem: 'its counts contradict each other' } : data;
}
