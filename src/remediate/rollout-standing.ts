/** Where a host stands after each thing that happened to it: the table that rollout, resume and rollback all go by. */
import type { ScriptMode } from '../model/remediation.ts';
import type { HostStanding, StepResult } from '../model/rollout.ts';

/** What decides, beside the standing itself. */
export interface Circumstances {
  readonly standing: HostStanding;
  /** The batch is being rolled back: nothing is applied any more. */
  readonly isReturning: boolean;
  /** Calls of `--apply` so far, this one included. */
  readonly applies: number;
  /** Calls of `--rollback` so far. */
  readonly returns: number;
  /** Times that its session was lost. */
  readonly losses: number;
}

/** A host whose change fails again and again is not tried for ever. */
const maxTries = 3;

/** The standing after a call of the script. What the host said decides; where it said nothing, it is asked. */
export function standingAfter(host: Circumstances, step: ScriptMode, result: StepResult): HostStanding {
  switch (host.standing) {
    case 'waiting':
      return step === 'check' ? afterFirstCheck(result) : host.standing;
    case 'applying':
      return step === 'apply' ? afterApply(host, result) : host.standing;
    case 'applied':
      return step === 'verify' ? afterVerify(host, result) : host.standing;
    case 'asking':
      return step === 'check' ? afterAsking(host, result) : host.standing;
    case 'returning':
      return step === 'rollback' ? afterRollback(result) : host.standing;
    case 'returned':
    case 'asking-back':
      return step === 'check' ? afterReturn(host, result) : host.standing;
    default:
      return host.standing;
  }
}

function afterFirstCheck({ end }: StepResult): HostStanding {
  if (end === 'would-change') return 'checked';
  if (end === 'done') return 'unchanged';
  // Nothing was changed, whatever became of the session.
  return end === 'not-reached' || end === 'lost' ? 'not-reached' : 'refused';
}

function afterApply({ applies }: Circumstances, { end, report }: StepResult): HostStanding {
  if (end === 'done') return 'applied';
  if (end === 'undone') return 'undone';
  if (end === 'stuck') return 'stuck';
  // An earlier call may have begun something.
  if (end === 'not-reached') return applies > 1 ? 'asking' : 'not-reached';
  if (end === 'refused') return report?.state === 'begun' ? 'stuck' : applies > 1 ? 'asking' : 'refused';
  return 'asking';
}

function afterVerify({ losses }: Circumstances, { end }: StepResult): HostStanding {
  if (end === 'done') return 'verified';
  const isSilent = end === 'lost' || end === 'not-reached' || end === 'busy';
  return isSilent && losses < maxTries ? 'asking' : 'unverified';
}

/** The end of `--apply` is not known: the state on the host tells how far it came. */
function afterAsking({ applies, isReturning }: Circumstances, { end, report }: StepResult): HostStanding {
  const mayApply = !isReturning && applies < maxTries && end === 'would-change';
  switch (report?.state) {
    case undefined:
    case 'busy':
      return 'asking';
    case 'applied':
      return 'applied';
    case 'begun':
      return mayApply ? 'checked' : 'stuck';
    // An earlier rollback, or this call took back what it had done: the host is as before, and may be tried again.
    case 'rolled-back':
    case 'none':
      if (mayApply) return 'checked';
      return end === 'done' ? 'unchanged' : end === 'refused' ? 'refused' : 'undone';
  }
}

function afterRollback({ end, report }: StepResult): HostStanding {
  if (end === 'done') return report?.state === 'none' ? 'unchanged' : 'returned';
  return end === 'lost' || end === 'not-reached' || end === 'busy' ? 'asking-back' : 'not-rolled-back';
}

function afterReturn({ returns }: Circumstances, { report }: StepResult): HostStanding {
  switch (report?.state) {
    case undefined:
    case 'busy':
      return 'asking-back';
    case 'none':
    case 'rolled-back':
      return 'rolled-back';
    case 'begun':
    case 'applied':
      return returns < maxTries ? 'stuck' : 'not-rolled-back';
  }
}

/**
 * Where a host stands when a rollout goes on after its program ended, however it ended. What was sent is asked for first; who was
 * not changed is tried again, unless the rollout is on its way back.
 */
export function standingOnResume(standing: HostStanding, of: { readonly isReturning: boolean }): HostStanding {
  switch (standing) {
    case 'applying':
      return 'asking';
    case 'returning':
      return 'asking-back';
    case 'not-rolled-back':
      return 'stuck';
    case 'checked':
      return 'waiting';
    case 'refused':
    case 'not-reached':
      return of.isReturning ? standing : 'waiting';
    default:
      return standing;
  }
}

/** Hosts on which the change is, may be, or is in part. */
export const isChanged = (standing: HostStanding): boolean => changed.has(standing);

const changed: ReadonlySet<HostStanding> = new Set([
  'applying',
  'asking',
  'applied',
  'verified',
  'unverified',
  'stuck',
  'returning',
  'asking-back',
  'returned',
  'not-rolled-back',
  'unknown',
]);

/** Hosts of which it is known that nothing of the plan is on them. One that was not reached says nothing. */
export const isAsBefore = (standing: HostStanding): boolean =>
  standing === 'rolled-back' || standing === 'undone' || standing === 'unchanged';

/** Standings that count against `--max-fail`, once a host had them. */
export const isFailure = (standing: HostStanding): boolean => failures.has(standing);

const failures: ReadonlySet<HostStanding> = new Set(['undone', 'unverified', 'stuck', 'unknown', 'not-rolled-back']);
