import { type ScriptMode, type ScriptReport, scriptEnd, scriptExits } from '../model/remediation.ts';
import type { StepEnd, StepResult } from '../model/rollout.ts';
import type { Visit } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';
import { truncateColumns } from '../text/table.ts';
import { parseScriptReport } from './script-report.ts';

/** Refusals after the login that came before the script was sent to anybody. */
const beforeTheScript: ReadonlySet<string> = new Set(['not-root', 'session-refused', 'exec-refused', 'no-shell']);

/**
 * What one call of a script came to. `mayHaveBegun`: the visit came so far that the script was perhaps sent. Only a script that
 * told its end is believed; of every other the host is asked.
 */
export function stepResult(
  mode: ScriptMode,
  visit: Visit,
  { mayHaveBegun }: { readonly mayHaveBegun: boolean },
): StepResult {
  if (!visit.ok) {
    const { code, message, hint } = visit.error;
    const end = mayHaveBegun && !beforeTheScript.has(code) ? 'lost' : 'not-reached';
    return { end, exitCode: null, report: null, because: `${message}; ${hint}` };
  }
  const text = visit.output.toString('utf8');
  const report = parseScriptReport(text);
  if (report === null || !text.includes(`\n${scriptEnd}`)) {
    return { end: 'lost', exitCode: visit.exitCode, report: null, because: withoutEnd(text, visit.stderr) };
  }
  const exitCode = exitIn(text) ?? visit.exitCode;
  const problems = report.problems.map(sentence => quoted(sentence)).join(' ');
  const end = endOf(mode, exitCode, report);
  const because = problems !== '' ? problems : end === 'busy' ? 'Another script of synaudit is at work there.' : null;
  return { end, exitCode, report, because };
}

function endOf(mode: ScriptMode, exitCode: number | null, { state }: ScriptReport): StepEnd {
  if (state === 'busy') return 'busy';
  switch (exitCode) {
    case scriptExits.done:
      return 'done';
    case scriptExits.wouldChange:
      return mode === 'check' ? 'would-change' : 'lost';
    case scriptExits.refused:
      return 'refused';
    case scriptExits.undone:
      return 'undone';
    case scriptExits.stuck:
      return 'stuck';
    case scriptExits.failed:
    case scriptExits.usage:
      return 'failed';
    default:
      return 'lost';
  }
}

/** The script's own word for its exit code: the connection may end before the server tells it. */
function exitIn(text: string): number | null {
  const codes = [...text.matchAll(/^@synaudit\texit\t(\d{1,3})\r?$/gm)];
  const last = codes.at(-1)?.[1];
  return last === undefined ? null : Number(last);
}

const quoted = (text: string): string => truncateColumns(stripControls(text).trim(), 300);

function withoutEnd(text: string, stderr: string): string {
  const said = [...stderr.split('\n'), ...text.split('\n')].map(line => quoted(line)).find(line => line !== '');
  return `The script did not tell its end${said === undefined ? '.' : `; the host says "${said}".`}`;
}
