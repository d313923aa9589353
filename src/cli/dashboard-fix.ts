import { foldHosts } from '../text/host-set.ts';
import { shellquote } from '../text/shellquote.ts';
import type { RunData } from '../ui/state.ts';
import { expandHome, type World } from './world.ts';

/** Key `x` of the dashboard, and the command that does the same. */
export interface DashboardFix {
  /** Lines for people; never rejects. */
  readonly write: (hosts: readonly string[], directory: string) => Promise<readonly string[]>;
  /** The command of the latest fix; none before the first. */
  readonly commands: () => readonly string[];
}

interface Shown {
  readonly data: () => RunData;
  /** Columns that a line may take. */
  readonly width: () => number;
}

/** What `synaudit fix` does, from what is on the screen. */
export function dashboardFix({ data, width }: Shown, world: World): DashboardFix {
  let latest: readonly string[] = [];
  return {
    commands: () => latest,
    async write(hosts, directory) {
      const { run, rows } = data();
      if (run === null) return ['there is no run yet'];
      const isAll = hosts.length === rows.size;
      latest = [`synaudit fix ${run.id} --out ${word(directory)}${isAll ? '' : ` --limit ${word(foldHosts(hosts))}`}`];
      try {
        const [{ writeFix }, { fixText }] = await Promise.all([import('./fix.ts'), import('./fix-summary.ts')]);
        const results = [...rows.values()].map(({ result }) => result);
        const summary = await writeFix(results, run, hosts, expandHome(directory, world), world);
        const trouble = summary.recordTrouble === null ? [] : [summary.recordTrouble];
        return [...fixText(summary, width()).trimEnd().split('\n'), ...trouble];
      } catch (error) {
        return ['The fix was not written:', ...(error instanceof Error ? error.message : String(error)).split('\n')];
      }
    },
  };
}

/** As a POSIX shell reads it back. */
export const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : shellquote(text));
