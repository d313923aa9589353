import type { ByHand, PlannedChange, PlannedCohort, RemediationPlan } from '../model/remediation.ts';
import { stateDirectory } from '../model/remediation.ts';
import { groupBy } from '../text/group-by.ts';
import { compareHostNames } from '../text/host-set.ts';
import { markdownCode, markdownText } from '../text/markdown.ts';
import { isAnsibleName } from './ansible.ts';
import { counted, folded, whoWins } from './cohort-words.ts';
import { dropInName } from './sysctl-d.ts';

type Readable = Omit<RemediationPlan, 'files'>;

/** `README.md`: for a change ticket. Everything that does not come from us is escaped: hosts and files say what they like. */
export function readme(plan: Readable): string {
  return `${[
    `# Change of kernel settings on ${counted(hostsOf(plan).length, 'host')}`,
    '',
    `Plan ${markdownCode(plan.id)}, made by synaudit ${markdownText(plan.version)} at ${markdownText(plan.createdAt)} from run ${markdownCode(plan.run.id)} (${markdownCode(plan.run.subject)}, ${markdownText(plan.run.startedAt)}).`,
    '',
    '## What changes, where and why',
    ...plan.cohorts.flatMap(cohortSection),
    ...cautions(plan),
    ...howTo(plan),
    ...leftByHand(plan),
  ].join('\n')}\n`;
}

const hostsOf = ({ cohorts }: Readable) => cohorts.flatMap(({ hosts }) => hosts);

const cohortSection = (cohort: PlannedCohort): string[] => [
  '',
  `### ${cohort.id}: ${counted(cohort.hosts.length, 'host')}`,
  '',
  `- Hosts: ${markdownCode(folded(cohort.hosts))}`,
  `- Kernels: ${[...new Set(cohort.hosts.map(({ kernel }) => kernel ?? 'unknown'))].sort().map(markdownCode).join(', ')}`,
  ...cohort.changes.flatMap(change => changeLines(change, cohort)),
];

function changeLines(change: PlannedChange, { hosts }: PlannedCohort): string[] {
  const { key, from, to, severity, rules, summary, because, risk, insteadOf = [] } = change;
  return [
    `- ${markdownCode(key)}: ${from === to ? `stays ${markdownCode(to)}, and becomes so at boot` : `${markdownCode(from)} becomes ${markdownCode(to)}, running and at boot`}`,
    `  - For: ${rules.map(markdownCode).join(', ')} (${severity})`,
    ...(because === undefined ? [] : [`  - Why, for instance: ${markdownText(because)}`]),
    `  - What to do, as the rule says it: ${markdownText(summary)}`,
    `  - Risk: ${markdownText(risk)}`,
    ...insteadOf.map(
      other => `  - ${markdownCode(other.rule)} wants ${markdownCode(other.to)}, which is not done: ${whoWins}`,
    ),
    ...bootLines(key, hosts),
  ];
}

/** Who sets the key at boot today. */
function bootLines(key: string, hosts: PlannedCohort['hosts']): string[] {
  const places = groupBy(hosts, ({ boot }) => {
    const line = boot[key] ?? null;
    return line === null ? 'no file that was read' : `${line.file}:${line.line} (= ${line.value})`;
  });
  const rows = [...places].sort(([, a], [, b]) => b.length - a.length);
  const shown = rows
    .slice(0, mostPlaces)
    .map(([place, at]) => `  - Set at boot by ${markdownCode(place)} on ${markdownCode(folded(at))}`);
  const rest = rows.length - shown.length;
  return rest > 0 ? [...shown, `  - Set at boot by ${counted(rest, 'more line')}: plan.json has them by host`] : shown;
}

/** Host names and places repeat; what is longer than this is read in plan.json. */
const mostPlaces = 20;

/** What a reviewer would otherwise not see. */
function cautions(plan: Readable): string[] {
  const hosts = hostsOf(plan);
  const shared = [...groupBy(hosts, ({ hostname }) => hostname)].filter(([, alike]) => alike.length > 1);
  const sharedLines = shared
    .slice(0, mostPlaces)
    .map(
      ([hostname, alike]) =>
        `- ${markdownCode(folded(alike))} call themselves ${markdownCode(hostname)}: a script cannot tell them apart.`,
    );
  const nameless = hosts.filter(({ hostname }) => /^localhost(?:\.|$)/.test(hostname));
  const namelessLine = `- ${markdownCode(folded(nameless))} have no name of their own: a script takes any host called localhost for one of them.`;
  const unnamed = hosts.map(({ name }) => name).filter(name => !isAnsibleName(name));
  const unnamedLine = `- Not in the playbook, because Ansible reads such a name as a pattern: ${unnamed.sort(compareHostNames).slice(0, 100).map(markdownCode).join(', ')}.`;
  const lines = [
    ...sharedLines,
    ...(nameless.length > 0 ? [namelessLine] : []),
    ...(unnamed.length > 0 ? [unnamedLine] : []),
  ];
  return lines.length === 0 ? [] : ['', '## Mind', '', ...lines];
}

function howTo({ id, cohorts }: Readable): string[] {
  const script = `scripts/${cohorts[0]?.id ?? 'COHORT'}.sh`;
  return [
    '',
    '## How to review',
    '',
    '- Read `scripts/`: one POSIX shell script per group of hosts that need the same change. Without a flag it changes nothing.',
    '- `sha256sum plan.json` is the digest that `synaudit fix` printed. Sign off that digest: it covers every file here.',
    '- Each file against it, from this directory:',
    '',
    '      jq -r \'.files | to_entries[] | "\\(.value)  \\(.key)"\' plan.json | sha256sum -c',
    '',
    '## How to apply',
    '',
    `- By hand, as root on a host: \`sh ${script} --check\`, then \`--apply\`. It refuses a host that is not of the plan, and one whose values have changed since.`,
    '- With a brake: `synaudit rollout .` in this directory; on another machine add `--plan-digest sha256:…` with the digest that was signed off.',
    '- With Ansible: `ansible-playbook -i INVENTORY ansible/playbook.yml --check`, then without `--check`. It has no health gate, and hosts that it changed stay changed when a later one fails.',
    `- By other means: files in \`sysctl.d/\`, to be placed as \`${dropInName('COHORT')}\`. Their warnings name the lines that would win over them.`,
    '',
    '## How to verify',
    '',
    `- On a host: \`sh ${script} --verify\` looks at the running value and at the line that wins at the next boot.`,
    '- Afterwards: `synaudit audit`, then `synaudit diff`: what was found is gone, and its counters stand still.',
    '',
    '## How to undo',
    '',
    `- \`sh ${script} --rollback\` on a host, or \`synaudit rollback .\` for all of them: old values, and old files byte for byte.`,
    `- What is needed for that lies on each host in \`${stateDirectory}/${id}/\`, for root alone, and survives a reboot.`,
  ];
}

function leftByHand({ byHand, leftOut }: Readable): string[] {
  const { waived, notAudited } = leftOut;
  if (byHand.length === 0 && waived === 0 && notAudited === '') return [];
  return [
    '',
    '## What is left',
    '',
    ...byHand.flatMap(byHandLines),
    ...(waived > 0 ? [`- ${counted(waived, 'finding')} left out because of waivers.`] : []),
    ...(notAudited === '' ? [] : [`- Not audited, hence not in this plan: ${markdownCode(notAudited)}`]),
  ];
}

const byHandLines = ({ rule, severity, hosts, summary, risk, why }: ByHand): string[] => [
  `- By hand: ${markdownCode(rule)} (${severity}) on ${markdownCode(hosts)}`,
  `  - What to do: ${markdownText(summary)}`,
  `  - Why no script does it: ${markdownText(why)}`,
  `  - Risk: ${markdownText(risk)}`,
];
