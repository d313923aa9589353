import { describe, expect, it } from 'vitest';
import { matchesHostPattern, selectHosts, whyNotHostPattern } from '../../src/inventory/select.ts';
import fc from '../fast-check.ts';
import { load, yaml } from './loading.ts';

const inventory = load(
  yaml(`groups:
  web: { hosts: ["web[01-05]", edge7] }
  db: { hosts: [DB1, db2, edge7] }
  edge7: { hosts: ["2001:db8::1"] }
`),
);
const names = (pattern: string): string =>
  selectHosts(inventory, pattern)
    .map(host => host.name)
    .join(' ');

describe('selectHosts', () => {
  it.each([
    ['web01', 'web01'],
    ['web*', 'web01 web02 web03 web04 web05'],
    ['web0?', 'web01 web02 web03 web04 web05'],
    ['web[02-03,09]', 'web02 web03'],
    ['web', 'web01 web02 web03 web04 web05 edge7'],
    ['@db', 'edge7 DB1 db2'],
    ['@*b', 'web01 web02 web03 web04 web05 edge7 DB1 db2'],
    ['edge7', 'edge7 2001:db8::1'],
    ['@edge7', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['db1', 'DB1'],
    ['db2, web01  web02', 'web01 web02 db2'],
    ['web,!web0*', 'edge7'],
    ['!web0*,web', 'edge7'],
    ['web,&db', 'edge7'],
    ['!web', 'DB1 db2 2001:db8::1'],
    ['&db', 'edge7 DB1 db2'],
    ['all,!@web', 'DB1 db2 2001:db8::1'],
    ['web[01-02],db,!@web,!db2', 'DB1'],
  ])('%j is %s', (pattern, expected) => {
    expect(names(pattern)).toBe(expected);
  });

  it.each([
    ['wbe01', 'no host or group matches "wbe01"; did you mean "web01"?'],
    ['@bd', 'no host or group matches "@bd"; did you mean "db"?'],
    ['web01,!nothere,x*', 'no host or group matches "!nothere"\nno host or group matches "x*"'],
    ['web,!web', 'the host pattern "web,!web" leaves no host'],
    ['', 'the host pattern is empty'],
    [' , ', 'the host pattern is empty'],
    ['web,!', 'nothing follows "!" in the host pattern "web,!"'],
    ['web[5-1]', 'host pattern "web[5-1]", column 5: the range from "5" to "1" runs backwards'],
  ])('refuses %j', (pattern, message) => {
    expect(() => selectHosts(inventory, pattern)).toThrow(expect.objectContaining({ name: 'InputError', message }));
  });

  it('says that an inventory without hosts has none', () => {
    const message = 'no host or group matches "web"; the inventory has no hosts';
    expect(() => selectHosts(load(yaml('groups:\n')), 'web')).toThrow(message);
  });

  it('does not depend on the order of the words, and agrees with sets', () => {
    const groupOf = (word: string) => new Set(inventory.groups.get(word));
    const word = fc.constantFrom('web', 'db', 'edge7');
    const signed = fc.tuple(fc.constantFrom('', '!', '&'), word);
    fc.assert(
      fc.property(fc.array(signed, { minLength: 1, maxLength: 4 }), words => {
        const of = (sign: string) => words.filter(([s]) => s === sign).map(([, group]) => groupOf(group));
        const expected = inventory.hosts
          .map(host => host.name)
          .filter(name => of('').length === 0 || of('').some(group => group.has(name)))
          .filter(name => of('&').every(group => group.has(name)) && !of('!').some(group => group.has(name)));
        for (const order of [words, words.toReversed()]) {
          const pattern = order.map(([sign, group]) => `${sign}@${group}`).join(',');
          const selected = inventory.hosts.filter(host => matchesHostPattern(pattern, host)).map(host => host.name);
          expect(selected).toEqual(expected);
        }
      }),
    );
  });
});

describe('patterns of Ansible', () => {
  it.each([
    ['web:&db', 'edge7'],
    ['web:!edge7:!web0[1-4]', 'web05'],
    ['~web0[13]$', 'web01 web03'],
    ['~EDGE', 'edge7 2001:db8::1'],
    ['web[0]', 'web01'],
    ['web[-1]', 'edge7'],
    ['web[1:3]', 'web02 web03 web04'],
    ['web[4:]', 'web05 edge7'],
    ['all[0:1]', 'web01 web02'],
    ['db*[2]', 'edge7'],
    ['web0[!13]', 'web02 web04 web05'],
    ['!2001:db8::1', 'web01 web02 web03 web04 web05 edge7 DB1 db2'],
    ['db,!2001:db8::1', 'edge7 DB1 db2'],
  ])('%j is %s', (pattern, expected) => {
    expect(names(pattern)).toBe(expected);
  });

  it('know hosts without a group, and count and glob groups where the inventory is of Ansible', () => {
    const ansible = load('lone\n[webs]\nb\na x=1\n[top:children]\nwebs\n[top]\nz\n');
    const of = (pattern: string) => selectHosts(ansible, pattern).map(host => host.name);
    expect(of('ungrouped')).toEqual(['lone']);
    expect(of('w*')).toEqual(['b', 'a']);
    expect(of('top[0]')).toEqual(['z']);
    expect(of('top[1:]')).toEqual(['b', 'a']);
    expect(of('all[0]')).toEqual(['lone']);
  });

  it.each([
    ['web[9]', 'no host or group matches "web[9]"'],
    ['~', 'no usable regular expression follows "~"'],
    ['~(', 'the host pattern "~(" is no regular expression'],
  ])('refuse %j', (pattern, message) => {
    expect(() => selectHosts(inventory, pattern)).toThrow(message);
  });
});

describe('whyNotHostPattern', () => {
  it('refuses what cannot be read, not what names nobody', () => {
    expect(whyNotHostPattern('gone*,!lab[1-9]')).toBeUndefined();
    expect(whyNotHostPattern('lab[9-1]')).toContain('runs backwards');
  });
});
