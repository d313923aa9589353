import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScriptReport } from '../../src/model/remediation.ts';
import { parseScriptReport } from '../../src/remediate/script-report.ts';
import { type HostFiles, type MadeHost, madeHost } from './script-host.ts';
import { recycleOff, scriptOf } from './script-plan.ts';

/** The key that the layouts are about, which no kernel of today has: its file is on a made host only. */
export const key = 'net.ipv4.tcp_tw_recycle';
export const running = '/proc/sys/net/ipv4/tcp_tw_recycle';

/** A directory with a script that turns the key off. */
export function plantScript(text = scriptOf([recycleOff])): { readonly script: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-script-'));
  const script = join(directory, 'script.sh');
  writeFileSync(script, text);
  return { script, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** What each step of the whole way said, and what the two real programs leave in a key after each. */
export interface Course {
  readonly codes: Readonly<Record<string, number>>;
  readonly reports: Readonly<Record<string, ScriptReport>>;
  readonly values: Readonly<Record<string, string>>;
  readonly output: string;
}

/** The boot as far as sysctl goes: a value that no file holds, then a real program. */
export const boots = (name: string): string => `
echo 77 > ${running}; sysctl --system >/dev/null 2>&1; echo "=value ${name}-procps $(cat ${running})"
echo 77 > ${running}; /usr/lib/systemd/systemd-sysctl >/dev/null 2>&1; echo "=value ${name}-systemd $(cat ${running})"`;
export const mode = (name: string, argument = name): string => `
echo "=begin ${name}"; $sh $script --${argument}; echo "=end ${name} $?"`;
export const value = (name: string): string => `echo "=value ${name} $(cat ${running})"`;

export function courseOf(output: string): Course {
  const reports: Record<string, ScriptReport> = {};
  for (const [, name = '', text = ''] of output.matchAll(/^=begin (\S+)\n(.*?)^=end \1 /gms)) {
    const report = parseScriptReport(text);
    if (report !== null) reports[name] = report;
  }
  return {
    codes: Object.fromEntries(
      [...output.matchAll(/^=end (\S+) (\d+)$/gm)].map(([, name, code]) => [name, Number(code)]),
    ),
    reports,
    values: Object.fromEntries([...output.matchAll(/^=value (\S+) (.*)$/gm)].map(([, name, held]) => [name, held])),
    output,
  };
}

/** What a whole way is to be tried on. */
export interface WholeInput {
  readonly script: string;
  readonly files: HostFiles;
  readonly shell?: string;
  /** Is shown the host before anything is done. */
  readonly first?: (host: MadeHost) => void;
  /** Is shown the host after --apply. */
  readonly inspect?: (host: MadeHost, course: Course) => void;
}

/** The whole way on one host: check, apply, boot by both programs, verify, apply again, rollback. */
export function whole({ script, files, shell = 'dash', first, inspect }: WholeInput): {
  readonly course: Course;
  readonly before: unknown;
  readonly after: unknown;
} {
  const host = madeHost({ [running]: '1\n', ...files });
  try {
    const before = host.etc();
    first?.(host);
    const there = host.run([`sh='${shell}'`, mode('check'), mode('apply'), value('apply')].join('\n'), script);
    inspect?.(host, courseOf(there.output));
    const back = [boots('apply'), `echo 0 > ${running}`, mode('verify'), mode('again', 'apply'), mode('rollback')];
    const { output } = host.run(
      [`sh='${shell}'`, ...back, value('rollback'), mode('twice', 'rollback')].join('\n'),
      script,
    );
    return { course: courseOf(there.output + output), before, after: host.etc() };
  } finally {
    host.remove();
  }
}

export function expectWhole({ course, before, after }: ReturnType<typeof whole>): void {
  const { codes, values, output, reports } = course;
  expect(codes, output).toEqual({ check: 10, apply: 0, verify: 0, again: 0, rollback: 0, twice: 0 });
  expect(values, output).toEqual({ apply: '0', 'apply-procps': '0', 'apply-systemd': '0', rollback: '1' });
  expect(after).toEqual(before);
  expect(reports['apply']?.steps).toEqual(reports['check']?.steps);
  expect(reports['again']?.steps).toEqual([]);
}
