/**
 * A packet comes in by an interface by which the kernel would not answer its sender: strict reverse-path filtering drops it,
 * the SYN of a client that is routed another way back too. Loose mode drops only what comes from nowhere.
 * Source: __fib_validate_source() in net/ipv4/fib_frontend.c, ip_rcv_finish_core() in net/ipv4/ip_input.c; kernel-facts B14.
 */
import { whyMissing } from '../model/reading.ts';
import type { Judgement, Remedy } from '../model/rule.ts';
import { stripControls } from '../text/ansi.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { evidenceIfRead, judgeMovement, movementOf, settingEvidence, type Told } from './movement.ts';
import { allKey, type FilteredInterface, type ReversePathFilters, reversePathFilters } from './reverse-path-filters.ts';
import { rpFilterDropsExamples } from './rp-filter-drops-examples.ts';
import { looseRisk, rpFilterDropsText } from './rp-filter-drops-text.ts';
import { perHour, perSecond } from './thresholds.ts';
import { counted, listed } from './wording.ts';

export default defineRule({
  ...rpFilterDropsText,
  reads: {
    filtered: optional(counterOf('proc/net/netstat', 'TcpExt.IPReversePathFilter')),
    martians: optional(counterOf('proc/net/stat/rt_cache', 'rt_cache.in_martian_src')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
    filters: reversePathFilters,
  },
  parameters: {
    perSecond: perSecond(
      0.5,
      'a client that is filtered repeats its SYN after 1, 3 and 7 s; rarer are stray packets of the local network',
    ),
    perHour: perHour(
      60,
      'broadcasts from foreign networks on the same cable make a few an hour on hosts where nothing is wrong',
    ),
  },
  check: (facts, { inputs: { filtered, martians, accepted, filters }, parameters }) => {
    const often = { ...parameters, shareOf: accepted };
    const settings = filters.interfaces.filter(({ effective }) => effective > 0).slice(0, mostNamed);
    const told: Told = {
      title: {
        active: 'the reverse-path filter drops packets',
        past: 'the reverse-path filter has dropped packets',
      },
      lead: {
        active: 'Packets are dropped because they come in by another way than the kernel would answer',
        past: 'Packets were dropped because they came in by another way than the kernel would answer',
      },
      because: filtersInWords(filters),
      evidence: [
        ...(filtered.state === 'ok' ? evidenceIfRead(martians) : []),
        ...settings.flatMap(({ key, own }) => settingEvidence(printable(key), { state: 'ok', value: String(own) })),
        ...(filters.all === null ? [] : settingEvidence(allKey, { state: 'ok', value: String(filters.all) })),
      ],
      remedy: remedyFor(filters),
    };
    if (filtered.state === 'ok') return judgeMovement(movementOf(filtered.value, often), facts, told);
    const isOlder = filtered.state === 'absent' && filtered.why === 'not-in-this-kernel';
    if (!isOlder || martians.state !== 'ok')
      return unread(filtered.state === 'absent' && !isOlder ? whyMissing(filtered) : null);

    const movement = movementOf(martians.value, often);
    if (movement.kind === 'rising' || movement.kind === 'risen') {
      if (filters.all === null && filters.interfaces.length === 0) return unread('rp_filter could not be read');
      if (isOff(filters))
        return { verdict: 'pass', because: `${allOff} The sources that in_martian_src counts are impossible ones.` };
    }
    return withConfidence(
      judgeMovement(movement, facts, {
        ...told,
        because: ['This kernel counts impossible sender addresses in the same number.', ...filtersInWords(filters)],
        // kernels of that age do not know loose mode for certain, and need both values to be on
        remedy: { ...manual, undo: {} },
      }),
    );
  },
  examples: rpFilterDropsExamples,
});

const mostNamed = 4;
const allOff = 'No interface filters by the reverse path.';

const isOff = ({ all, interfaces }: ReversePathFilters): boolean =>
  (all ?? 0) <= 0 && interfaces.every(({ effective }) => effective <= 0);

const unread = (why: string | null): Judgement => ({
  verdict: 'notchecked',
  because:
    why === null ? 'This kernel does not count what the reverse-path filter drops.' : `IPReversePathFilter: ${why}.`,
});

/** What has other reasons, too, is never more than likely. */
const withConfidence = (judgement: Judgement): Judgement =>
  judgement.verdict === 'fail' ? { ...judgement, confidence: 'low' } : judgement;

/** Names of interfaces come from the host. 15 bytes is what a Linux allows (IFNAMSIZ). */
const printable = (text: string): string => stripControls(text).slice(0, 64);
const nameOf = ({ name }: FilteredInterface): string => stripControls(name).slice(0, 15);

function filtersInWords({ all, interfaces }: ReversePathFilters): readonly string[] {
  const strict = interfaces.filter(({ effective }) => effective === 1);
  const loose = interfaces.filter(({ effective }) => effective > 1);
  if (strict.length > 0) return [`Strict (1) on ${named(strict)}${all === 1 ? ', by conf.all' : ''}.`];
  if (loose.length > 0) return [`Loose (2) on ${named(loose)}: there is no route back to these senders at all.`];
  return interfaces.length === 0 ? ['Which interfaces filter is not known.'] : [`${allOff.slice(0, -1)} now.`];
}

function named(interfaces: readonly FilteredInterface[]): string {
  const more = interfaces.length - mostNamed;
  const names = interfaces.slice(0, mostNamed).map(nameOf);
  return listed(more > 0 ? [...names, `${counted(more, 'other interface')}`] : names);
}

const manual = {
  summary:
    'a route back to these clients by the interface they come in by (ip route get ADDRESS tells the way that is taken now)',
  set: {},
  risk: 'a wrong route cuts off those who use the right one now',
} as const;

/** Keys go into scripts, so only names that need no quoting are taken. */
const isPlain = ({ key }: FilteredInterface): boolean => /^net\.ipv4\.conf\.[\w@:/-]{1,15}\.rp_filter$/.test(key);

/** Loose mode where it is strict: on the interfaces if they are few, else by conf.all, of which the larger value holds. */
function remedyFor({ all, interfaces }: ReversePathFilters): Remedy {
  const strict = interfaces.filter(({ effective }) => effective === 1);
  if (strict.length === 0) return { ...manual, undo: {} };
  if (strict.length <= mostNamed && strict.every(isPlain)) {
    return {
      summary: `loose mode (2) on the interface that these packets come in by: ${named(strict)}; or a route back by that interface`,
      set: Object.fromEntries(strict.map(({ key }) => [key, '2'])),
      risk: looseRisk,
      undo: Object.fromEntries(strict.map(({ key, own }) => [key, String(own)])),
    };
  }
  if (all === null) return { ...manual, undo: {} };
  return {
    summary: `${allKey}=2: loose mode on all interfaces; or a route back by the interface that these packets come in by`,
    set: { [allKey]: '2' },
    risk: looseRisk,
    undo: { [allKey]: String(all) },
  };
}
