import { describe, expect, it } from 'vitest';
import { hostFromArgument, inventoryOf } from '../../src/inventory/argument.ts';
import { checkText, listHosts } from '../../src/inventory/describe.ts';
import { load, yaml } from './loading.ts';

describe('hostFromArgument', () => {
  it.each([
    ['web1', { name: 'web1' }],
    ['audit@web1:2222', { name: 'web1', user: 'audit', port: 2222 }],
    ['[2001:db8::1]:22', { name: '2001:db8::1', port: 22 }],
    ['fe80::1%eth0', { name: 'fe80::1%eth0' }],
    ['localhost', { name: 'localhost', transport: 'local' }],
    ['localhost:22', { name: 'localhost', port: 22 }],
    ['me@localhost', { name: 'localhost', user: 'me' }],
  ])('reads %j', (text, expected) => {
    const { groups, hops, sudo, clients, services, rules, location, ...rest } = hostFromArgument(text);
    expect(rest).toEqual(expected);
    expect([groups, hops, sudo, clients, services, rules]).toEqual([[], [], false, [], [], {}]);
    expect(location.file).toBe('command line');
  });

  it.each([
    ['', 'argument "", column 1: a host name is empty'],
    ['@web1', 'argument "@web1", column 1: the user name is empty'],
    ['-oProxyCommand=x', 'argument "-oProxyCommand=x", column 1: the host name "-oProxyCommand=x" begins with "-"'],
    ['a@-x', 'argument "a@-x", column 3: the host name "-x" begins with "-"'],
    ['-a@x', 'argument "-a@x", column 1: the user name "-a" begins with "-"'],
    ['web1:65536', 'argument "web1:65536", column 6: expected a port from 1 to 65535 after ":", found "65536"'],
    ['web1:', 'argument "web1:", column 6: expected a port from 1 to 65535 after ":", found ""'],
    ['1:2:3', 'argument "1:2:3", column 1: "1:2" is no IPv6 address'],
    ['web[1-3]', 'argument "web[1-3]": a range of 3 hosts; give each host, or list them in a file for -i'],
    ['a;b', 'argument "a;b", column 1: the host name "a;b" holds ";"; letters, digits, ".", "_" and "-" are allowed'],
    ['a\x07b', 'argument "ab", column 1: the host name "ab" holds a control character; letters'],
  ])('refuses %j', (text, message) => {
    expect(() => hostFromArgument(text)).toThrow(message);
  });
});

describe('inventoryOf', () => {
  it('counts a host once, and refuses to guess between two', () => {
    const hosts = ['a', 'b:22', 'a'].map(hostFromArgument);
    expect(inventoryOf(hosts).hosts.map(host => host.name)).toEqual(['a', 'b']);
    expect(() => inventoryOf(['a', 'a:22'].map(hostFromArgument))).toThrow(
      'host "a" is given with different users or ports',
    );
  });
});

describe('inventory list and check', () => {
  const inventory = load(
    yaml(`nat: { n: { cidrs: [10.0.0.0/8], status: active } }
groups:
  web: { hosts: ["web[1-2]", { name: e, address: 192.0.2.7, port: 2222, user: u, sudo: true }], hops: [jump] }
  none: {}
`),
    'x1\nx2\n',
  );

  it('shows a table', () => {
    expect(listHosts(inventory.hosts, 'table').split('\n')).toEqual([
      'NAME  ADDRESS    PORT  USER  GROUPS  HOPS',
      'web1  -          -     -     web     jump',
      'web2  -          -     -     web     jump',
      'e     192.0.2.7  2222  u     web     jump',
      'x1    -          -     -     -       -',
      'x2    -          -     -     -       -',
      '',
    ]);
  });

  it('gives JSON', () => {
    const listed = JSON.parse(listHosts(inventory.hosts, 'json'));
    expect(listed.length).toBe(5);
    expect(listed[0]).toEqual({
      name: 'web1',
      address: null,
      port: null,
      user: null,
      groups: ['web'],
      hops: ['jump'],
      vars: { sudo: false, clients: [], services: [], rules: {} },
    });
    expect(listed[2]).toMatchObject({ name: 'e', address: '192.0.2.7', port: 2222, user: 'u', vars: { sudo: true } });
  });

  it('sums up, with folded names', () => {
    expect(checkText(inventory)).toBe(
      `a.yaml, b.yaml: no faults; 5 hosts, 2 groups, 1 nat entry
  web (3): e,web[1-2]
  none (0): no hosts
  in no group (2): x[1-2]
`,
    );
  });
});
