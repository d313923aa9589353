import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import type { NatRange } from '../../src/model/host.ts';
import { absent } from '../../src/model/reading.ts';
import type { Judgement } from '../../src/model/rule.ts';
import { judge } from '../../src/rules/define.ts';
import twRecycle from '../../src/rules/tw-recycle.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { clientFacts } from '../../src/snapshot/clients.ts';
import { withEarlier } from '../../src/snapshot/earlier.ts';
import { framesOf } from '../collect/run-collector.ts';

/** Captures of real kernels in and out of the incident; ../shared/corpus/lab/README.md says what each is. */
const lab = join(import.meta.dirname, '../../../shared/corpus/lab');
const el7 = '3.10.0-1160.el7.x86_64';

const masquerade: NatRange = { name: 'masquerade', cidrs: ['198.51.100.20/32'], status: 'active' };

interface Capture {
  readonly now: string;
  readonly earlier?: string;
  readonly nat?: readonly NatRange[];
}

function judgeCapture({ now, earlier, nat = [] }: Capture): Judgement & { readonly state?: string | null } {
  const frames = framesOf(join(lab, now));
  const latest = buildSnapshot(frames);
  const snapshot = earlier === undefined ? latest : withEarlier(latest, buildSnapshot(framesOf(join(lab, earlier))));
  const clients = clientFacts(snapshot, { declared: nat, hostClients: nat.map(({ name }) => name) });
  const facts: Facts = {
    snapshot,
    clients,
    declared: nat,
    earlierRun: null,
    ssh: absent('not-collected'),
    profile: 'audit',
  };
  return judge(twRecycle, facts);
}

describe.skipIf(!existsSync(lab))('the ladder names real kernels rightly', () => {
  it.each([
    ['a: the incident', `${el7}/a_recycle1_ts1`, 'before', 'after', 'firing', 'critical', 215],
    ['a: its first half', `${el7}/a_recycle1_ts1`, 'before', 'during', 'firing', 'critical', 122],
    ['a: its second half', `${el7}/a_recycle1_ts1`, 'during', 'after', 'firing', 'critical', 93],
    ['a: the incident on a dual-stack listener', '4.9.0/a_recycle1_ts1', 'before', 'after', 'firing', 'critical', 215],
    [
      'f: one modern client, no NAT',
      '4.9.0/f_recycle1_ts1_modern_client_no_nat',
      'before',
      'after',
      'firing',
      'critical',
      140,
    ],
  ])('%s (%s)', (_name, directory, before, after, state, severity, rise) => {
    const verdict = judgeCapture({ now: `${directory}/${after}`, earlier: `${directory}/${before}` });
    expect(verdict).toMatchObject({ verdict: 'fail', state, severity, confidence: 'certain' });
    if (verdict.verdict !== 'fail') return;
    const rejected = verdict.evidence.find(({ field }) => field === 'TcpExt.PAWSPassive');
    expect(Number(rejected?.value) - Number(rejected?.earlier)).toBe(rise);
    expect(rejected?.perSecond).toBeGreaterThan(0);
    expect(verdict.remedy?.set).toEqual({ 'net.ipv4.tcp_tw_recycle': '0' });
  });

  it.each([
    ['b: recycle off', `${el7}/b_recycle0_ts1`, 'pass'],
    ['b: recycle off', '4.9.0/b_recycle0_ts1', 'pass'],
  ])('%s (%s): %s', (_name, directory, wanted) => {
    expect(judgeCapture({ now: `${directory}/after`, earlier: `${directory}/before` }).verdict).toBe(wanted);
  });

  it('c: on, but timestamps off: inert, whatever the boot has seen', () => {
    const directory = '4.9.0/c_recycle1_ts0';
    expect(judgeCapture({ now: `${directory}/after`, earlier: `${directory}/before` })).toMatchObject({
      state: 'inert',
      severity: 'low',
    });
  });

  it('d: a direct client only: nothing fires now, but this boot has seen it', () => {
    const directory = `${el7}/d_recycle1_ts1_direct_only`;
    const verdict = judgeCapture({ now: `${directory}/after`, earlier: `${directory}/before` });
    expect(verdict).toMatchObject({ state: 'fired', severity: 'critical' });
  });

  it('the incident in one sample: it has fired', () => {
    expect(judgeCapture({ now: `${el7}/a_recycle1_ts1/during` })).toMatchObject({ state: 'fired' });
    expect(judgeCapture({ now: '4.9.0/a_recycle1_ts1/after' })).toMatchObject({ state: 'fired' });
  });

  it('before the incident: latent, and exposed once the masquerade is declared and seen', () => {
    const now = `${el7}/a_recycle1_ts1/before`;
    expect(judgeCapture({ now })).toMatchObject({ state: 'latent', severity: 'medium' });
    expect(judgeCapture({ now: '4.9.0/a_recycle1_ts1/before' })).toMatchObject({ state: 'latent' });
    expect(judgeCapture({ now, nat: [masquerade] })).toMatchObject({ state: 'exposed', severity: 'critical' });
  });

  it('as an ordinary user everything but tcp_metrics is the same', () => {
    for (const kernel of [el7, '4.9.0']) {
      const frames = framesOf(join(lab, kernel, 'as_user_ops'));
      const snapshot = buildSnapshot(frames);
      expect(snapshot.unread).toEqual({});
      expect(snapshot.samples[0].tables['proc/net/netstat'].state).toBe('ok');
      expect(snapshot.settings.get('net.ipv4.tcp_tw_recycle')?.state).toBe('ok');
    }
  });

  it('says that no NAT is needed where none is in sight', () => {
    const directory = '4.9.0/f_recycle1_ts1_modern_client_no_nat';
    const verdict = judgeCapture({ now: `${directory}/after`, earlier: `${directory}/before` });
    expect(verdict.because).toContain('No NAT is needed');
    const declared = judgeCapture({
      now: `${el7}/a_recycle1_ts1/after`,
      earlier: `${el7}/a_recycle1_ts1/before`,
      nat: [masquerade],
    });
    expect(declared.because).not.toContain('No NAT is needed');
  });
});
