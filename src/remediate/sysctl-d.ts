import type { PlannedCohort, RemediationPlan } from '../model/remediation.ts';
import { stripControls } from '../text/ansi.ts';
import { groupBy } from '../text/group-by.ts';
import { wrapColumns } from '../text/table.ts';
import { inOneSpacing } from './asked.ts';
import { changeInWords, folded } from './cohort-words.ts';

/** Long lines are cut in two by old procps, which reads 1,024 bytes at a time; the second part would be a setting. */
const columns = 96;

/** Where it is meant to go. Behind every name that begins with a digit or with letters as people choose them. */
export const dropInName = (cohort: string): string => `zz-synaudit-${cohort}.conf`;

/** `sysctl.d/<cohort>.conf`: the same values for those who deploy files by other means than the scripts. */
export function sysctlD({ id, run }: Pick<RemediationPlan, 'id' | 'run'>, cohort: PlannedCohort): string {
  return [
    ...comment(`Plan ${id} of synaudit, from run ${run.id}. Hosts: ${folded(cohort.hosts)}`),
    ...comment(
      `For those who deploy settings by other means than scripts/${cohort.id}.sh: copy it to /etc/sysctl.d/${dropInName(cohort.id)}, then run: sysctl --system`,
    ),
    ...cohort.changes.flatMap(({ key, from, to, rules, severity, risk }) => [
      '',
      ...comment(`${changeInWords({ key, from, to })} (${severity}: ${rules.join(', ')}). Risk: ${risk}`),
      ...winners(cohort, { key, to }).flatMap(text => comment(text)),
      `${key} = ${to}`,
    ]),
    '',
  ].join('\n');
}

const comment = (text: string): string[] => wrapColumns(stripControls(text), columns).map(line => `# ${line}`);

/** The lines that win at boot today and would still win, with the hosts that have them. */
function winners(
  { id, hosts }: PlannedCohort,
  { key, to }: { readonly key: string; readonly to: string },
): readonly string[] {
  const beaten = hosts.flatMap(host => {
    const boot = host.boot[key] ?? null;
    if (boot === null || inOneSpacing(boot.value) === to || !winsOver(boot.file, dropInName(id))) return [];
    return [{ host, place: `${boot.file}:${boot.line} (= ${boot.value})` }];
  });
  if (beaten.length === 0) return [];
  const places = [...groupBy(beaten, ({ place }) => place)].map(
    ([place, at]) => `- ${place}, on ${folded(at.map(({ host }) => host))}`,
  );
  return [
    'WARNING: these lines win over this file at boot, and must go first (the script comments them out):',
    ...places,
  ];
}

/** Files of the sysctl directories are read in the order of their names; sysctl.conf, ufw, tuned and rc.local come later. */
function winsOver(file: string, dropIn: string): boolean {
  const [, name] = /^\/(?:etc|run|(?:usr\/(?:local\/)?)?lib)\/sysctl\.d\/([^/]+)$/.exec(file) ?? [];
  return name === undefined ? file !== '/proc/cmdline' : name > dropIn;
}
