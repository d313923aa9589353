import { planSchema, type RemediationPlan } from '../model/remediation.ts';
import { playbook } from './ansible.ts';
import { readme } from './readme.ts';
import { cohortScript } from './script.ts';
import { sysctlD } from './sysctl-d.ts';

/** One file of a plan's directory. */
export interface PlanFile {
  /** Below the directory, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/**
 * Every file of a plan, plan.json last: it holds the checksums of the others. `sha256` gives the SHA-256 of a text in UTF-8,
 * in hex.
 */
export function planFiles(
  plan: Omit<RemediationPlan, 'schema' | 'files'>,
  sha256: (text: string) => string,
): { readonly plan: RemediationPlan; readonly files: readonly PlanFile[] } {
  const described = { schema: planSchema, ...plan } as const;
  const { id, createdAt, version, run } = plan;
  const others: PlanFile[] = [
    { path: 'README.md', text: readme(described), executable: false },
    { path: 'ansible/playbook.yml', text: playbook(plan), executable: false },
    ...plan.cohorts.flatMap((cohort): PlanFile[] => [
      {
        path: `scripts/${cohort.id}.sh`,
        text: cohortScript({ plan: { id, createdAt, version, run }, cohort }),
        executable: true,
      },
      { path: `sysctl.d/${cohort.id}.conf`, text: sysctlD(plan, cohort), executable: false },
    ]),
  ];
  const complete: RemediationPlan = {
    ...described,
    files: Object.fromEntries(others.map(({ path, text }) => [path, sha256(text)])),
  };
  const planText = `${JSON.stringify(complete, null, 2)}\n`;
  return { plan: complete, files: [...others, { path: 'plan.json', text: planText, executable: false }] };
}
