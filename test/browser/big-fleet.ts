import type { HostResult, RunEvent } from '../../src/model/run.ts';
import { explainedRules, sectionsOf } from '../../src/rules/explain.ts';
import { eventsOf, failed, firing, recycling, rendered, result } from '../report/results.ts';

const kernels = ['3.10.0-1160.el7.x86_64', '5.14.0-427.13.1.el9_4.x86_64', '6.1.0-23-amd64'];

const verdicts = Object.fromEntries(explainedRules.map(({ id }) => [id, 'pass'] as const));

/** A fleet of which every third host drops, each at a rate of its own, and one in fifty was not reached. */
export function bigFleet(size: number): HostResult[] {
  return Array.from({ length: size }, (_, i): HostResult => {
    const name = `web${String(i + 1).padStart(5, '0')}`;
    if (i % 50 === 49) return failed(name, 'unreachable');
    const change = {
      groups: [`group-${i % 12}`],
      kernel: kernels[i % 3] ?? null,
      timing: { connectMs: i % 40, totalMs: 2_000 + ((i * 7_919) % 3_000) },
      clients: {
        connections: 200 + i,
        addresses: 22,
        shared: [{ address: '10.8.0.5', connections: 118, because: ['declared:vpc-egress'] }],
      },
    };
    if (i % 3 !== 0) return result(name, { ...change, verdicts });
    const { settings } = recycling(name, 1);
    const findings = [firing(((i * 31) % 977) / 7 + 0.1)];
    return result(name, { ...change, verdicts: { ...verdicts, 'tw-recycle': 'fail' }, findings, settings });
  });
}

const glossary = (id: string) => {
  const rule = explainedRules.find(rule => rule.id === id);
  return rule === undefined ? undefined : { id, title: rule.title, sections: sectionsOf(rule) };
};

/** A report as the program writes it, with its glossary. */
export const report = (hosts: readonly HostResult[], change: (event: RunEvent) => RunEvent = event => event): string =>
  rendered('html', eventsOf(hosts).map(change), { glossary });
