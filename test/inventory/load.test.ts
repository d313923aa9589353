import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inventoryJsonSchema } from '../../src/inventory/schema.ts';
import fc from '../fast-check.ts';
import { complaints, load, yaml } from './loading.ts';

const root = new URL('../../', import.meta.url);
const example = readFileSync(new URL('inventory.example.yaml', root), 'utf8');

describe('the example', () => {
  it('loads, and shows every key that the schema has', () => {
    const inventory = load(example);
    expect(inventory.hosts.length).toBe(48);
    const known = [...JSON.stringify(inventoryJsonSchema()).matchAll(/"properties":(\{.*?\})/g)];
    expect(known.length).toBeGreaterThan(3);
    for (const key of propertyNames(inventoryJsonSchema())) expect(example).toMatch(new RegExp(`\\b${key}:`));
  });

  it('begins with the line that tells editors of the schema, which is up to date', () => {
    const schema = JSON.parse(readFileSync(new URL('schema/inventory.schema.json', root), 'utf8'));
    expect(example.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema/inventory.schema.json');
    expect(schema).toEqual(inventoryJsonSchema());
  });
});

/** All names below `properties`, anywhere in a JSON Schema. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(propertyNames)];
}

describe('hosts', () => {
  const forms = yaml(`
groups:
  g:
    hosts: ["web[1-2]", "audit@db1:2222", "[2001:db8::1]:2223", "2001:db8::2", "a@b@c", { name: e, address: 192.0.2.7, port: 24, user: u }]
`);
  it('are read in all their forms', () => {
    expect(load(forms).hosts.map(({ name, user, address, port }) => ({ name, user, address, port }))).toEqual([
      { name: 'web1' },
      { name: 'web2' },
      { name: 'db1', user: 'audit', port: 2222 },
      { name: '2001:db8::1', port: 2223 },
      { name: '2001:db8::2' },
      { name: 'c', user: 'a@b' },
      { name: 'e', user: 'u', address: '192.0.2.7', port: 24 },
    ]);
  });

  it('take what is nearest to them: defaults, then group, then their own', () => {
    const { hosts } = load(
      yaml(`
defaults: { user: d, port: 1, zone: far, hops: [jump], sudo: true, rules: { x: { p: 1 }, y: { p: 1 } } }
groups:
  g:
    port: 2
    user: g
    hops: [jump, jump2]
    rules: { x: { p: 2 } }
    hosts: [a, "h@b:3", { name: c, port: 4, hops: [], sudo: false, rules: { x: { p: 3 } } }]`),
    );
    const shown = hosts.map(({ name, user, port, hops, zone, sudo, rules }) => [
      name,
      user,
      port,
      hops,
      zone,
      sudo,
      rules,
    ]);
    expect(shown).toEqual([
      ['a', 'g', 2, ['jump', 'jump2'], 'far', true, { x: { p: 2 }, y: { p: 1 } }],
      ['b', 'h', 3, ['jump', 'jump2'], 'far', true, { x: { p: 2 }, y: { p: 1 } }],
      ['c', 'g', 4, [], 'far', false, { x: { p: 3 }, y: { p: 1 } }],
    ]);
  });

  it('of several groups and files are one host of all of them', () => {
    const first = yaml(`
nat: { n1: { cidrs: [10.0.0.0/8], status: active }, n2: { cidrs: ["2001:DB8:0::/32"], status: expected } }
groups:
  one: { hosts: [a, b], clients: [n1], services: [{ name: s, port: 80 }] }
  two: { hosts: [a], clients: [n2, n1], services: [{ name: s, port: 80 }, { name: t, port: 81 }], port: 2222 }
  none:
`);
    const second = yaml('defaults: { user: u }\ngroups: { one: { hosts: [a, c] } }');
    const inventory = load(first, second);
    const [a, b, c] = inventory.hosts;
    expect(a).toMatchObject({
      name: 'a',
      groups: ['one', 'two'],
      clients: ['n1', 'n2'],
      services: [
        { name: 's', port: 80 },
        { name: 't', port: 81 },
      ],
      port: 2222,
      user: 'u',
      location: { file: 'a.yaml', line: 5, column: 18 },
    });
    expect([b?.user, c?.user, c?.location.file]).toEqual([undefined, 'u', 'b.yaml']);
    expect(inventory.groups).toEqual(
      new Map([
        ['one', ['a', 'b', 'c']],
        ['two', ['a']],
        ['none', []],
      ]),
    );
    expect(inventory.nat.map(({ cidrs }) => cidrs)).toEqual([['10.0.0.0/8'], ['2001:db8::/32']]);
    expect(inventory.files).toEqual(['a.yaml', 'b.yaml']);
  });

  it('may share settings by anchors and merge keys', () => {
    const { hosts } = load(
      yaml(
        'groups:\n  a: &a { port: 1, user: u, hosts: [x] }\n  b: { <<: *a, port: 2, hosts: [y, &z z] }\n  c: { hosts: [*z] }',
      ),
    );
    expect(hosts.map(({ name, port, user, groups }) => [name, port, user, groups.join()])).toEqual([
      ['x', 1, 'u', 'a'],
      ['y', 2, 'u', 'b'],
      ['z', 2, 'u', 'b,c'],
    ]);
  });

  it('keep waivers, with their place', () => {
    const text = yaml('waivers:\n  - { rule: r, hosts: "lab*", reason: closed, expires: 2027-03-01 }\n');
    const location = { file: 'a.yaml', line: 3, column: 5 };
    expect(load(text).waivers).toEqual([
      { rule: 'r', hosts: 'lab*', reason: 'closed', expires: '2027-03-01', location },
    ]);
  });
});

describe('plain lists', () => {
  it('hold one host or range on each line', () => {
    const { hosts, groups } = load(
      '\ufeff# fleet\r\n\r\n  audit@web[01-02]:22 # two\r\n[2001:db8::1]:2222\r\n::1\r\nlocalhost',
    );
    expect(hosts.map(({ name, user, port, location }) => [name, user, port, location.line, location.column])).toEqual([
      ['web01', 'audit', 22, 3, 3],
      ['web02', 'audit', 22, 3, 3],
      ['2001:db8::1', undefined, 2222, 4, 1],
      ['::1', undefined, undefined, 5, 1],
      ['localhost', undefined, undefined, 6, 1],
    ]);
    expect(groups.size).toBe(0);
  });

  it('name every line that is wrong', () => {
    expect(complaints('web1 web9\nweb2\nweb[2-1]\nweb2\n-x\na,b\nh:0')).toEqual([
      'a.yaml:1:6: expected one host on each line, found more behind it',
      'a.yaml:3:5: the range from "2" to "1" runs backwards',
      'a.yaml:4:1: host web2 is named twice; first at a.yaml:2:1',
      'a.yaml:5:1: the host name "-x" begins with "-"',
      'a.yaml:6:1: the host name "a,b" holds ","; letters, digits, ".", "_" and "-" are allowed',
      'a.yaml:7:3: expected a port from 1 to 65535 after ":", found "0"',
    ]);
  });
});

describe('whatever a file holds', () => {
  const piece = fc.constantFrom(
    'version: 1\n',
    'groups:\n',
    '  web:\n',
    '    hosts: ',
    '[a, ',
    'b]',
    '{ name: ',
    '&x ',
    '*x',
    '<<: ',
    ': ',
    '- ',
    '"',
    "'",
    '\t',
    '\n',
    '[1-',
    '9]',
    ',',
    '}',
    '#',
    '!!map ',
    '|\n',
    '0x1',
    '~',
    '? ',
    '__proto__',
    '\ud800',
    '\u0085',
    '%',
    '---\n',
    '@',
    'nat:\n',
  );
  it('is an inventory or an InputError with places, never another exception', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), pieces => {
        for (const line of complaints(pieces.join(''))) expect(line).toMatch(/^a\.yaml:\d+:\d+: \S/);
      }),
      { numRuns: 2000, examples: [[['[1-', '\ud800', 'b]']]] },
    );
  });

  it('cut off at any character is one or the other', () => {
    for (let end = 0; end < example.length; end += 7) {
      for (const line of complaints(example.slice(0, end))) expect(line).toMatch(/^a\.yaml:\d+:\d+: \S/);
    }
  });
});
