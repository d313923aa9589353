import type { HostResult } from '../model/run.ts';
import type { VisitError } from '../model/visit.ts';
import type { Visited } from './evaluate.ts';

/** A host that yielded no snapshot: everything but the error is empty. */
export function notAudited({ host, address, visit }: Visited, failure: VisitError): HostResult {
  const { outcome, ...error } = failure;
  return {
    name: host.name,
    groups: host.groups,
    address,
    outcome,
    kernel: null,
    cohort: null,
    os: null,
    primary: null,
    error,
    timing: { connectMs: visit.timing.connectMs ?? null, totalMs: visit.timing.totalMs },
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
