/**
 * Somebody switched tcp_tw_recycle off at run time and the fault is gone, until the next reboot: a sysctl file sets it again.
 * Or tuned, ufw or rc.local does. Or it runs and nothing says why, so that nobody finds who sets it.
 * Source: sysctl.d(5), sysctl(8), tuned-main.conf(5); kernel-facts F, A8.
 */
import type { Facts } from '../model/facts.ts';
import type { Confidence, Evidence, Judgement, Remedy } from '../model/rule.ts';
import type { BootSettings, LaterWrite } from '../model/snapshot.ts';
import {
  type BootOutcome,
  type BootOutcomes,
  bootOutcomes,
  lineInWords,
  placeOf,
  shown,
  winnerInWords,
} from './boot-winner.ts';
import { defineRule } from './define.ts';
import { bootFiles } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { recycleKey, recycleOf, type Switch, withoutRecycle } from './recycle-switch.ts';
import { persistedExamples } from './tw-recycle-persisted-examples.ts';
import { persistedFix, persistedText } from './tw-recycle-persisted-text.ts';
import { listed } from './wording.ts';

/** The running value, the value at boot, and how well the latter is known. */
interface Situation {
  readonly outcomes: BootOutcomes;
  readonly boot: BootSettings;
  readonly recycle: Switch;
}

export default defineRule({
  ...persistedText,
  reads: { boot: bootFiles },
  // sysctl files are applied to the host's own network namespace
  wholeMachine: true,
  check: (facts, { inputs: { boot } }) => {
    const outcomes = bootOutcomes(boot, recycleKey);
    const situation = { outcomes, boot, recycle: recycleOf(facts) };
    return withoutRecycle(facts) === null ? compare(situation) : keyGone(facts, situation);
  },
  examples: persistedExamples,
});

function compare(situation: Situation): Judgement {
  const { recycle, outcomes } = situation;
  const { atBoot, byHand } = outcomes;
  if (recycle.state === 'hidden') {
    return notChecked(`The running value is not visible from here (${recycle.why}). ${fileInWords(atBoot)}`);
  }
  if (recycle.state === 'on') return running(recycle.text, situation);
  if (isOn(atBoot)) return comesBack('at-reboot', situation);
  const perhaps = mayComeBack(situation);
  if (perhaps !== null) return perhaps;
  if (byHand !== null && isOn(byHand)) return comesBack('at-sysctl-system', situation);
  return (
    unreadFiles(situation) ?? { verdict: 'pass', because: `Off now, and at the next boot. ${fileInWords(atBoot)}` }
  );
}

/** It runs: the files either say so, or somebody else did it. */
function running(value: string, situation: Situation): Judgement {
  const { atBoot } = situation.outcomes;
  if (isOn(atBoot)) return { verdict: 'pass', because: `On now, and at the next boot. ${fileInWords(atBoot)}` };
  const perhaps = setsOn(atBoot);
  if (perhaps !== undefined) {
    return {
      verdict: 'pass',
      because: `On now, and after the next boot ${perhaps.condition ?? ''}: ${lineInWords(perhaps)}.`,
    };
  }
  const unknown = atBoot.value === null || atBoot.maybe.length > 0 ? unreadFiles(situation) : null;
  if (unknown !== null) return unknown;
  return {
    verdict: 'informational',
    severity: 'info',
    state: 'unknown-writer',
    title: 'tcp_tw_recycle is on, but not by a file that is read at boot',
    because: `net.ipv4.tcp_tw_recycle is ${value} now. ${fileInWords(atBoot)} So it was set another way: by hand, a start script, an agent or a container engine, which may set it again after a fix.`,
    confidence: confidenceOf(situation.boot),
    evidence: evidenceOf(situation),
    remedy: null,
  };
}

function comesBack(state: 'at-reboot' | 'at-sysctl-system', situation: Situation): Judgement {
  const { atBoot, byHand } = situation.outcomes;
  const reboot = state === 'at-reboot';
  const on = reboot || byHand === null ? atBoot : byHand;
  const when = reboot ? 'after the next boot' : 'after the next "sysctl --system"';
  return {
    verdict: 'fail',
    severity: reboot ? 'high' : 'medium',
    state,
    title: reboot ? 'tcp_tw_recycle comes back at reboot' : 'tcp_tw_recycle comes back with "sysctl --system"',
    because: [
      `Off now, on again ${when}: ${on.line === null ? '' : winnerInWords(on.line)}.`,
      ...disagreement(situation.outcomes),
      ...(reboot ? setsBack(atBoot) : []),
      ...unreadInWords(situation),
    ].join(' '),
    confidence: confidenceOf(situation.boot),
    evidence: evidenceOf(situation),
    remedy,
  };
}

/** A line that is not written at every boot, for all that can be seen from here. */
function mayComeBack(situation: Situation): Judgement | null {
  const write = setsOn(situation.outcomes.atBoot);
  if (write === undefined) return null;
  return {
    verdict: 'fail',
    severity: 'medium',
    state: 'at-reboot',
    title: 'tcp_tw_recycle may come back at reboot',
    because: [
      `Off now, on again after the next boot ${write.condition ?? ''}: ${lineInWords(write)}.`,
      ...unreadInWords(situation),
    ].join(' '),
    confidence: 'medium',
    evidence: [...evidenceOf(situation), { source: placeOf(write).slice(1), field: recycleKey, value: write.value }],
    remedy,
  };
}

const remedy: Remedy = { ...persistedFix, undo: persistedFix.set };

function keyGone(facts: Facts, situation: Situation): Judgement {
  const { atBoot, byHand } = situation.outcomes;
  const line = atBoot.line ?? byHand?.line ?? null;
  if (line === null) {
    return { verdict: 'notapplicable', because: `${withoutRecycle(facts) ?? ''} No sysctl file names it.` };
  }
  const danger = [atBoot, byHand].some(outcome => outcome !== null && isOn(outcome))
    ? 'It does nothing here, but becomes active if the same files meet an older kernel.'
    : 'It does nothing here.';
  return {
    verdict: 'informational',
    severity: 'info',
    state: 'key-gone',
    title: 'a sysctl file sets tcp_tw_recycle, which this kernel no longer has',
    because: `${winnerInWords(line)} sets a key that left in Linux 4.12. ${danger} "sysctl -p" reports an error for it.`,
    confidence: 'certain',
    evidence: evidenceOf(situation),
    remedy: null,
  };
}

const isOn = ({ value }: BootOutcome): boolean => value !== null && value !== 0;

/** The last write with a condition and a value that is known, if it switches on. */
function setsOn({ maybe }: BootOutcome): LaterWrite | undefined {
  const last = maybe.findLast(({ effect, condition }) => effect === undefined && condition !== undefined);
  return last === undefined || writtenInteger(last.value) === 0 ? undefined : last;
}

/** A write that would switch it off again, under a condition. */
const setsBack = ({ maybe }: BootOutcome): readonly string[] => {
  const last = maybe.at(-1);
  if (last?.condition === undefined || writtenInteger(last.value) !== 0) return [];
  return [`${lineInWords(last)} switches it off after that ${last.condition}.`];
};

function fileInWords({ line, value, engine, isLater }: BootOutcome): string {
  const by = engine === 'systemd-sysctl' ? ' that systemd-sysctl reads' : '';
  if (line === null) return `No sysctl file${by} sets it.`;
  if (isLater) return `${winnerInWords(line)} sets it after the sysctl files.`;
  if (value === null) return `${placeOf(line)} sets it to "${shown(line.value)}", which the kernel refuses.`;
  return `${winnerInWords(line)} sets it.`;
}

/** Both engines exist on a systemd host, and order the files differently. */
function disagreement({ atBoot, byHand }: BootOutcomes): readonly string[] {
  if (byHand === null || isOn(atBoot) === isOn(byHand)) return [];
  if (atBoot.isLater) return isOn(atBoot) ? [] : [`At boot it stays off: ${fileInWords(atBoot)}`];
  const [on, off] = isOn(atBoot) ? [atBoot, byHand] : [byHand, atBoot];
  return [`The two engines disagree: with ${on.engine} it is on, with ${off.engine} off. ${fileInWords(off)}`];
}

const unreadInWords = ({ boot, outcomes }: Situation): readonly string[] => {
  const untold = outcomes.atBoot.maybe.filter(({ effect }) => effect === 'unknown');
  const files = [
    ...untold.map(write => `${lineInWords(write)}, a value that only the host can tell`),
    ...Object.entries(boot.unread).map(([file, why]) => `${file} (${why})`),
  ];
  return files.length === 0 ? [] : [`Not read, and may decide otherwise: ${listed(files.slice(0, 3))}.`];
};

function unreadFiles(situation: Situation): Judgement | null {
  const unread = unreadInWords(situation);
  return unread.length === 0 ? null : notChecked([fileInWords(situation.outcomes.atBoot), ...unread].join(' '));
}

const notChecked = (because: string): Judgement => ({ verdict: 'notchecked', because });

const confidenceOf = ({ unread }: BootSettings): Confidence => (Object.keys(unread).length === 0 ? 'high' : 'medium');

function evidenceOf({ recycle, outcomes: { atBoot, byHand } }: Situation): readonly Evidence[] {
  const now =
    recycle.state === 'hidden'
      ? []
      : [{ source: 'proc/sys/net/ipv4/tcp_tw_recycle', field: recycleKey, value: recycle.text }];
  const lines = [atBoot.line, byHand?.line ?? null].flatMap(line =>
    line === null ? [] : [{ source: placeOf(line).slice(1), field: recycleKey, value: line.value }],
  );
  return [...now, ...lines.filter(({ source }, index) => lines.findIndex(other => other.source === source) === index)];
}
