import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';

const [few, many] = [10_000, 50_000];
const head = 'version: 1\ndefaults: { user: audit }\ngroups:\n  web:\n    port: 2222\n    hosts:\n';

/** What people wait for is printed; README has it. How fast a machine is cannot be tested, that no form costs more per host in large can. */
describe('an inventory of 50,000 hosts', () => {
  it.each<[form: string, text: (numbers: readonly number[]) => string]>([
    ['as a range', ({ length }) => `${head}      - web[00001-${length}].example.com\n`],
    ['as entries', numbers => head + numbers.map(i => `      - web${i}.example.com\n`).join('')],
    [
      'as an INI of Ansible',
      numbers =>
        `[web]\n${numbers.map(i => `web${i}.example.com ansible_host=10.0.${i >> 8}.${i & 255} rack=${i % 40}\n`).join('')}[web:vars]\nansible_user=audit\n[prod:children]\nweb\n`,
    ],
    [
      'as --list of Ansible',
      numbers =>
        JSON.stringify(
          {
            _meta: {
              hostvars: Object.fromEntries(
                numbers.map(i => [`web${i}`, { ansible_host: `10.0.${i >> 8}.${i & 255}` }]),
              ),
            },
            web: { hosts: numbers.map(i => `web${i}`) },
          },
          null,
          2,
        ),
    ],
    ['as an ssh_config', numbers => numbers.map(i => `Host web${i}\n  HostName 10.0.${i >> 8}.${i & 255}\n`).join('')],
    ['as genders', numbers => numbers.map(i => `web${i} web,rack=${i % 40}\n`).join('')],
    ['as a plain list', numbers => numbers.map(i => `web${i}.example.com\n`).join('')],
    [
      'as mappings',
      numbers => head + numbers.map(i => `      - { name: web${i}, address: 10.0.${i >> 8}.${i & 255} }\n`).join(''),
    ],
  ])('%s loads in a time that grows with its hosts and no faster', (form, textOf) => {
    // The best of three: other work on the machine only ever makes it slower.
    const took = (hosts: number): number => {
      const text = textOf([...Array(hosts).keys()]);
      return Math.min(...[1, 2, 3].map(() => millisecondsToLoad(text, hosts)));
    };
    const [ofFew, ofMany] = [took(few), took(many)];
    console.info(`${form}: ${Math.round(ofMany)} ms`);
    // five times the hosts; what compares each host with each other one takes 25 times as long
    expect(ofMany / ofFew).toBeLessThan(12);
  });
});

function millisecondsToLoad(text: string, count: number): number {
  const started = performance.now();
  const { hosts } = loadInventory([{ file: 'fleet.yaml', text }], { isSshAlias: () => false });
  const took = performance.now() - started;
  expect(hosts.length).toBe(count);
  return took;
}
