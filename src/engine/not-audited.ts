import type { HostResult, TimingResult } from '../model/run.ts';
import type { VisitError, VisitTiming } from '../model/visit.ts';
import type { Visited } from './evaluate.ts';

/** A host that yielded no snapshot: everything but the error is empty. */
export function notAudited({ host, address, visit }: Visited, failure: VisitError): HostResult {
  const { outcome, ...error } = failure;
  return {
    name: host.name,
    groups: host.groups,
    address,
    hostname: null,
    outcome,
    kernel: null,
    cohort: null,
    os: null,
    primary: null,
    error,
    timing: timingResult(visit.timing),
    unread: {},
    notes: visit.notes,
    findings: [],
    verdicts: {},
    notChecked: {},
    settings: {},
    clients: null,
    namespaces: [],
    quiet: null,
  };
}

export const timingResult = ({ connectMs, handshakeMs, authMs, totalMs }: VisitTiming): TimingResult => ({
  connectMs: connectMs ?? null,
  ...(handshakeMs !== undefined && { handshakeMs }),
  ...(authMs !== undefined && { authMs }),
  totalMs,
});
