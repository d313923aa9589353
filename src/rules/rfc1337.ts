/**
 * With tcp_rfc1337 on, a RST no longer ends TIME_WAIT. A SYN that meets a TIME_WAIT socket of its own is then answered with an
 * ACK again and again, and the connection comes about only when TIME_WAIT ends, up to 60 s after the last such SYN.
 * Source: tcp_timewait_state_process() in net/ipv4/tcp_minisocks.c; kernel-facts B9. Measured on 6.18: of 20 connections from
 * ports in TIME_WAIT 11 had no answer within 8 s; with the key at 0 all 20 were there after 10 ms.
 */
import type { Facts } from '../model/facts.ts';
import { ok } from '../model/reading.ts';
import type { Evidence, Judgement, Remedy, Severity } from '../model/rule.ts';
import { clientsInWords, clientsShare } from './clients-in-words.ts';
import { defineRule } from './define.ts';
import { settingOf } from './inputs.ts';
import { lateAnswers } from './late-answers.ts';
import { counterEvidence, risenInWords, risingInWords, settingEvidence } from './movement.ts';
import { switchOf } from './recycle-switch.ts';
import { type Collisions, collisionInputs, collisionsOf } from './time-wait-counters.ts';

const key = 'net.ipv4.tcp_rfc1337';

const fix = {
  summary: 'net.ipv4.tcp_rfc1337=0, the default',
  set: { [key]: '0' },
  risk: 'a RST that lost its way can end a TIME_WAIT early again (RFC 1337); timestamps, kept at 1, still sort out old segments',
} as const;

export default defineRule({
  id: 'rfc1337',
  title: 'tcp_rfc1337 is off',
  summary:
    'Some connections of clients behind NAT hang for up to a minute: each of their SYNs is answered with a bare ACK.',
  mechanism: [
    'A SYN from a port that is still in TIME_WAIT on this server, with an older timestamp, is answered with an ACK.',
    'The client does not know that connection and sends a RST, which ends TIME_WAIT, so that its next SYN is accepted.',
    'With tcp_rfc1337 on, the server ignores that RST.',
    'So the next SYN is answered with an ACK as well, and every one that fails the timestamp test begins the 60 s anew.',
    'The key is meant against TIME_WAIT assassination (RFC 1337), and hardening guides set it without need.',
  ],
  proof:
    'The key is not 0 and PAWSTimewait rises (before that column existed, TCPACKSkippedTimeWait together with PAWSEstab); ListenDrops stays still.',
  fix,
  references: [
    { title: 'RFC 1337: TIME-WAIT Assassination Hazards in TCP', url: 'https://www.rfc-editor.org/rfc/rfc1337' },
    { title: 'ip-sysctl, tcp_rfc1337', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
  ],
  reads: { strict: settingOf(key), ...collisionInputs },
  parameters: { perHour: lateAnswers.perHour },
  check: (facts, { inputs, parameters }) => {
    const strict = switchOf(ok(inputs.strict));
    if (strict.state === 'hidden') return { verdict: 'notchecked', because: `${key}: ${strict.why}.` };
    if (strict.state === 'off') return { verdict: 'pass', because: `${key} is 0.` };
    return found(facts, collisionsOf(inputs, parameters.perHour), strict.text);
  },
  examples: [
    {
      name: 'on, and SYNs meet TIME_WAIT sockets now',
      host: { settings: { [key]: '1' }, counters: { 'TcpExt.PAWSTimewait': [8, 85] } },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'on, and they did since boot',
      host: { settings: { [key]: '1' }, counters: { 'TcpExt.PAWSTimewait': [19_000, 19_000] } },
      verdict: 'fail',
      state: 'latent',
      severity: 'medium',
    },
    {
      name: 'on, and clients share addresses',
      host: {
        settings: { [key]: '1' },
        counters: { 'TcpExt.PAWSTimewait': [0, 0] },
        clients: {
          connections: 812,
          addresses: 37,
          shared: [{ address: '10.8.0.5', connections: 402, because: ['declared:vpc-egress'] }],
        },
      },
      verdict: 'fail',
      state: 'latent',
      severity: 'medium',
    },
    {
      name: 'on, without any sign of NAT',
      host: { settings: { [key]: '1' }, counters: { 'TcpExt.PAWSTimewait': [0, 0] }, clients: {} },
      verdict: 'fail',
      state: 'latent',
      severity: 'low',
    },
    { name: 'off', host: { settings: { [key]: '0' } }, verdict: 'pass' },
    { name: 'not a number', host: { settings: { [key]: 'yes' } }, verdict: 'notchecked' },
    { name: 'sysctls could not be read', host: { ipv4Readable: false }, verdict: 'notchecked' },
    { name: 'a kernel without the key', host: {}, verdict: 'notapplicable' },
  ],
});

function found(facts: Facts, collisions: Collisions, running: string): Judgement {
  const kind = collisions.kind === 'told' ? collisions.movement.kind : 'untold';
  const active = kind === 'rising';
  const seen = kind === 'risen';
  const severity: Severity = active ? 'high' : seen || clientsShare(facts) ? 'medium' : 'low';
  return {
    verdict: 'fail',
    severity,
    state: active ? 'active' : 'latent',
    title: active ? 'tcp_rfc1337 keeps SYNs without an answer now' : 'tcp_rfc1337 is on',
    because: [...sentences(collisions, facts), ...(active || seen ? [] : clientsInWords(facts))].join(' '),
    confidence: collisions.kind === 'told' && collisions.direct ? 'high' : 'medium',
    evidence: evidenceOf(collisions, active, running),
    remedy: { ...fix, undo: { [key]: running } } satisfies Remedy,
  };
}

const hang = 'A SYN that meets a TIME_WAIT socket of its own gets no SYN-ACK for up to 60 s.';

function sentences(collisions: Collisions, facts: Facts): readonly string[] {
  if (collisions.kind === 'untold') return [`${key} is on.`, hang, collisions.because];
  const { movement } = collisions;
  switch (movement.kind) {
    case 'rising':
      return [`${key} is on, and SYNs meet TIME_WAIT sockets: ${risingInWords(movement.counter, facts)}.`, hang];
    case 'risen':
      return [`${key} is on, and SYNs met TIME_WAIT sockets: ${risenInWords(movement, facts)}.`, hang];
    default:
      return [`${key} is on.`, hang];
  }
}

/** The counter proves that it acts; where it only may, the setting is the proof. */
function evidenceOf(collisions: Collisions, active: boolean, running: string): readonly Evidence[] {
  const setting = settingEvidence(key, ok(running));
  if (collisions.kind === 'untold') return setting;
  const counters = [counterEvidence(collisions.movement.counter), ...collisions.support];
  return active ? [...counters, ...setting] : [...setting, ...counters];
}
