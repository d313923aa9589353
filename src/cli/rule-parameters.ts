import type { Host } from '../model/host.ts';
import { type Complaint, InputError } from '../model/input-error.ts';
import { parameterComplaints } from '../rules/define.ts';
import { rules } from '../rules/index.ts';
import { isMapping } from '../text/json.ts';
import { nearest } from '../text/nearest.ts';

/** Throws InputError for rule parameters of the inventory that no rule has, each once, where the first host has it. */
export function checkRuleParameters(hosts: readonly Host[]): void {
  const complaints = new Map<string, Complaint>();
  for (const { rules: chosen, location } of hosts) {
    for (const message of complaintsOf(chosen)) {
      if (!complaints.has(message)) complaints.set(message, { message, location });
    }
  }
  if (complaints.size > 0) throw new InputError([...complaints.values()]);
}

function complaintsOf(chosen: Host['rules']): readonly string[] {
  return Object.entries(chosen).flatMap(([id, parameters]) => {
    const rule = rules.find(candidate => candidate.id === id);
    if (rule !== undefined)
      return isMapping(parameters)
        ? parameterComplaints(rule, parameters)
        : [`${id}: expected a mapping of parameters`];
    const near = nearest(
      id,
      rules.map(candidate => candidate.id),
    );
    return [`there is no rule "${id}"${near === undefined ? '' : `; did you mean "${near}"?`} (synaudit rules list)`];
  });
}
