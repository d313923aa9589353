import { describe, expect, it } from 'vitest';
import { cpuMs } from '../cpu-time.ts';
import { complaints, yaml } from './loading.ts';

const neither = 'expected a synaudit inventory ("version: 1" in YAML), one of Ansible, or a list of hosts';

describe('a file of no format we read', () => {
  it.each([
    ['', `a.yaml:1:1: ${neither}; there is nothing in this file`],
    ['# only this\n\n', `a.yaml:1:1: ${neither}; there is nothing in this file`],
    ['{"all": {"machines": {}}}', `a.yaml:1:1: ${neither}; this is none of them`],
    ['all:\n  machines:\n    a:\n', `a.yaml:1:1: ${neither}; this is none of them`],
    ['- hosts: all\n', `a.yaml:1:1: ${neither}; this is none of them`],
    [
      '#!/bin/sh\necho web1\n',
      'a.yaml:1:1: this is a program; it is run where it is given with -i, is executable, and nobody else may write it (chmod 755)',
    ],
    [
      '127.0.0.1 localhost\n10.0.0.1 web1 web1.example.com # x\n',
      'a.yaml:1:1: this is a hosts(5) file: every name that a machine knows, and no list of servers; list the names that are meant',
    ],
    [
      '[web.hosts.web1]\nx = "y"\n',
      'a.yaml:1:1: this is an inventory of Ansible in TOML, which is not read; give the output of `ansible-inventory --list`',
    ],
    ['web1\nweb\0', 'a.yaml:2:4: a control character (0x00) stands here; this is no text file'],
    ['version: 1\n# caf\ufffd', 'a.yaml:2:6: this is no UTF-8 text'],
    ['web\x1b[31m', 'a.yaml:1:4: a control character (0x1b) stands here; this is no text file'],
  ])('%j', (text, complaint) => {
    expect(complaints(text)).toEqual([complaint]);
  });
});

describe('a file that is no YAML', () => {
  it.each([
    [yaml('groups:\n\tweb:\n'), ['a.yaml:3:1: a tab is used for indentation; YAML allows spaces only']],
    [yaml('---\nnat:\n'), ['a.yaml:2:1: a second YAML document begins here; an inventory is one document']],
    [
      yaml('groups: { web: { hosts: [web[01-40].example.com, x] } }\n'),
      [
        'a.yaml:2:29: this is no YAML: missing , or : between flow sequence items; a range inside [ ] needs quotes, as in ["web[01-40]"]',
      ],
    ],
    [yaml('groups: *nope\n'), ['a.yaml:2:9: unknown alias "*nope"']],
    [yaml('groups: &here { web: *hree }\n'), ['a.yaml:2:22: unknown alias "*hree"; did you mean "here"?']],
    [yaml('groups: &a { web: *a }\n'), ['a.yaml:2:19: the alias "*a" stands inside the very thing it repeats']],
    [yaml('nat:\nnat:\n'), ['a.yaml:3:1: duplicate key "nat"']],
    [yaml('<<: 1\n'), ['a.yaml:2:1: expected a mapping, or an alias of one, after "<<"']],
    [yaml('nat: { [a]: 1 }\n'), ['a.yaml:2:8: expected a plain key']],
    [yaml('nat: { __proto__: 1 }\n'), ['a.yaml:2:8: expected a plain key']],
  ])('%j', (text, expected) => {
    expect(complaints(text)).toEqual(expected);
  });

  it('is refused when aliases multiply it ("billion laughs"), at once', () => {
    const levels = [...'abcdefghi'].map((name, i, all) => {
      const below = i === 0 ? 'x' : `*${all[i - 1]}`;
      return `  - &${name} [${Array(9).fill(below).join(', ')}]\n`;
    });
    const started = cpuMs();
    const [first] = complaints(yaml(`waivers:\n${levels.join('')}`));
    expect(first).toMatch(/^a\.yaml:\d+:\d+: aliases blow this file up to more than 1,000,000 values/);
    expect(cpuMs() - started).toBeLessThan(1000);
  });

  it('is refused when it nests too deep, flow or block', () => {
    expect(complaints(yaml(`nat: ${'['.repeat(20_000)}`))[0]).toMatch(/^a\.yaml:2:\d+: /);
    expect(complaints(yaml(`nat: ${'['.repeat(3000)}${']'.repeat(3000)}`))[0]).toMatch(/^a\.yaml:2:\d+: /);
    expect(complaints(yaml(`nat:\n${'- '.repeat(20_000)}x`))[0]).toMatch(/^a\.yaml:\d+:\d+: /);
    const levels = Array.from({ length: 600 }, (_, level) => `${' '.repeat(level)}a:\n`).join('');
    expect(complaints(levels)).toEqual(['a.yaml:501:501: this YAML is nested deeper than 500 levels here']);
  });
});

describe('an inventory with faults', () => {
  it('names every one of them, in the order of the file, with what was meant', () => {
    const text = `version: 2
defaults: { usr: x, port: "22", sudo: yes }
nat:
  egress: { cidrs: [10.8.0.5/16, 10.9.0.0, bad, "::ffff:10.0.0.0/104", "2001:db8::1/32", 010.0.0.0/8], status: activ }
  "bad name": { cidrs: [] }
groups:
  web:
    hosts: web1
    clients: [egres]
    hops: [bastoin, jump]
  db:
    hosts:
      - { name: edge7, adress: 192.0.2.7, port: 70000 }
      - { nam: foo }
      - 12
      - "a b"
      - { name: "x[1-3]", address: 10.0.0.1 }
      - { name: "u@h" }
      - "u;ser@h1"
      - bastion
      - { name: n1, address: "10.0.0.1:22", hops: -x, identity: "\\e[31m" }
    services: [{ name: api, prt: 3 }, { name: "a b", port: 0 }]
    rules: { tw-recycle: 3 }
waivers:
  - { rule: x, hosts: "web[3-1]", reason: "", expires: 2027-02-30 }
grops: {}
`;
    expect(complaints(text)).toEqual([
      'a.yaml:1:10: "version": expected "version: 1", the only version of this format so far, found 2',
      'a.yaml:2:13: unknown key "usr" in defaults; did you mean "user"?',
      'a.yaml:2:27: "port" of defaults: expected a number, found "22"; remove the quotes',
      'a.yaml:2:39: "sudo" of defaults: expected true or false, found "yes"',
      'a.yaml:4:21: "cidrs" of nat entry "egress": "10.8.0.5/16" has host bits set; the network is 10.8.0.0/16',
      'a.yaml:4:34: "cidrs" of nat entry "egress": "10.9.0.0" has no prefix length; one address is 10.9.0.0/32',
      'a.yaml:4:44: "cidrs" of nat entry "egress": "bad" is no network; expected one such as 10.8.0.0/16 or 2001:db8::/32',
      'a.yaml:4:49: "cidrs" of nat entry "egress": "::ffff:10.0.0.0/104" is an IPv4 network written as IPv6; write it as IPv4',
      'a.yaml:4:72: "cidrs" of nat entry "egress": "2001:db8::1/32" has host bits set; the network is 2001:db8::/32',
      'a.yaml:4:90: "cidrs" of nat entry "egress": "010.0.0.0/8" is no network; expected one such as 10.8.0.0/16 or 2001:db8::/32',
      'a.yaml:4:112: "status" of nat entry "egress": expected active or expected, found "activ"; did you mean "active"?',
      'a.yaml:5:3: the name "bad name" must be made of letters, digits, ".", "_" and "-"',
      'a.yaml:5:15: "status" of nat entry "bad name": expected active or expected, found nothing: the key is missing',
      'a.yaml:5:24: "cidrs" of nat entry "bad name": expected at least one element',
      'a.yaml:8:12: "hosts" of group "web": expected a list, found "web1"',
      'a.yaml:9:15: unknown nat entry "egres" in "clients"; did you mean "egress"?',
      'a.yaml:10:12: unknown host "bastoin" in "hops"; did you mean "bastion"?',
      'a.yaml:13:24: unknown key "adress" in host "edge7"; did you mean "address"?',
      'a.yaml:13:49: "port" of host "edge7": 70000 is above 65535',
      'a.yaml:14:9: "name" of a host: expected text, found nothing: the key is missing',
      'a.yaml:14:11: unknown key "nam" in a host; did you mean "name"?',
      'a.yaml:15:9: expected a host such as web[01-40], audit@db1:2222 or { name: db1 }, found 12',
      'a.yaml:16:10: the host name "a b" holds a space; letters, digits, ".", "_" and "-" are allowed',
      'a.yaml:17:17: 3 hosts cannot all have the address "10.0.0.1"',
      'a.yaml:18:17: the name holds a user or a port; give them as keys of their own',
      'a.yaml:19:10: the user name "u;ser" holds a character that ssh refuses',
      'a.yaml:21:30: "address" of host "n1": "10.0.0.1:22" is no IPv6 address',
      'a.yaml:21:51: "hops" of host "n1": expected a list, found "-x"',
      'a.yaml:21:65: "identity" of host "n1": "" holds control characters',
      'a.yaml:22:16: "port" of a service of group "db": expected a number, found nothing: the key is missing',
      'a.yaml:22:29: unknown key "prt" in a service of group "db"; did you mean "port"?',
      'a.yaml:22:47: "name" of a service of group "db": the name "a b" must be made of letters, digits, ".", "_" and "-"',
      'a.yaml:22:60: "port" of a service of group "db": 0 is below 1',
      'a.yaml:23:26: "rules.tw-recycle" of group "db": expected a mapping of names and values, found 3',
      'a.yaml:25:23: "hosts" of waiver 1: host pattern "web[3-1]", column 5: the range from "3" to "1" runs backwards',
      'a.yaml:25:35: "reason" of waiver 1: the text is empty',
      'a.yaml:25:56: "expires" of waiver 1: "2027-02-30" is no date; expected YYYY-MM-DD, such as 2027-03-01',
      'a.yaml:26:1: unknown key "grops" in the inventory; did you mean "groups"?',
    ]);
  });

  it.each([
    [
      'nat: {}\n',
      'a.yaml:1:1: "version": expected "version: 1", the only version of this format so far, found nothing: the key is missing',
    ],
    [
      yaml('groups: { g: { hosts: ["big[1-200000]"] } }'),
      'a.yaml:2:28: the ranges stand for 200,000 names; at most 100,000 are allowed in one pattern',
    ],
    [
      yaml('groups:\n  g:\n    hosts: ["a[1-90000]", "b[1-90000]", "c[1-90000]", d]'),
      'a.yaml:4:41: the hosts of this file are more than 200,000 from here on',
    ],
    [
      yaml('groups: { g: { hosts: ["web[01-40]", web07] } }'),
      'a.yaml:2:38: host web07 is in group "g" twice; first at a.yaml:2:24',
    ],
    [
      yaml('groups: { g: { hosts: [b], hops: [b] } }'),
      'a.yaml:2:24: host "b" is its own hop; give "b" the key "hops: []", or put it in a group without hops',
    ],
    [
      yaml('groups: { g: { hosts: [{ name: a, hops: [b] }, { name: b, hops: [c] }, { name: c, hops: [a] }] } }'),
      'a.yaml:2:56: hops run in a circle: b > c > a > b; give "b" the key "hops: []", or put it in a group without hops',
    ],
    [
      yaml('groups: { g: { hosts: [a], hops: [nowhere] } }'),
      'a.yaml:2:35: unknown host "nowhere" in "hops"; expected a host of the inventory or an alias of ssh_config',
    ],
    [
      yaml('waivers: [{ rule: r, hosts: "!", reason: x, expires: 2027-01-01 }]'),
      'a.yaml:2:29: "hosts" of waiver 1: nothing follows "!" in the host pattern "!"',
    ],
    [yaml('groups: { g: 5 }'), 'a.yaml:2:14: group "g": expected a mapping of keys and values, found 5'],
    [yaml('groups: [a]'), 'a.yaml:2:9: "groups": expected a mapping of names and values, found a list'],
  ])('%j', (text, complaint) => {
    expect(complaints(text)).toEqual([complaint]);
  });

  it.each([
    ['port', '22', '23'],
    ['user', '"a"', '"b"'],
    ['zone', '"x"', '"y"'],
  ])('says at both places that groups conflict about %s, once for a whole range', (key, one, other) => {
    const text = yaml(
      `groups:\n  g: { ${key}: ${one}, hosts: ["w[1-9]"] }\n  h: { ${key}: ${other}, hosts: ["w[3-5]"] }\n`,
    );
    expect(complaints(text)).toEqual([
      `a.yaml:3:8: ${key} ${one} of host w[3-5] conflicts with ${key} ${other} at a.yaml:4:8`,
      `a.yaml:4:8: ${key} ${other} of host w[3-5] conflicts with ${key} ${one} at a.yaml:3:8`,
    ]);
  });

  it('finds conflicts between files, of addresses and of rules, but none with defaults', () => {
    const one = yaml(
      'defaults: { port: 5 }\ngroups: { g: { hosts: [{ name: a, address: 10.0.0.1, rules: { r: { p: 1 } } }] } }',
    );
    const other = yaml(
      'defaults: { port: 6 }\ngroups: { h: { hosts: [{ name: a, address: 10.0.0.2, port: 7, rules: { r: { p: 2 } } }] } }',
    );
    expect(complaints(one, other)).toEqual([
      'a.yaml:3:35: address "10.0.0.1" of host a conflicts with address "10.0.0.2" at b.yaml:3:35',
      'a.yaml:3:54: rules.r {"p":1} of host a conflicts with rules.r {"p":2} at b.yaml:3:63',
      'b.yaml:3:35: address "10.0.0.2" of host a conflicts with address "10.0.0.1" at a.yaml:3:35',
      'b.yaml:3:63: rules.r {"p":2} of host a conflicts with rules.r {"p":1} at a.yaml:3:54',
    ]);
  });

  it('finds a nat entry that two files declare', () => {
    const text = yaml('nat: { n: { cidrs: [10.0.0.0/8], status: active } }');
    expect(complaints(text, text)).toEqual(['b.yaml:2:8: nat entry "n" is also in a.yaml, line 2']);
  });

  it('is answered quickly even if 2,000 hosts have unknown hops, and unknown clients', () => {
    const hosts = Array.from(
      { length: 2000 },
      (_, i) => `      - { name: web${i}, hops: [hop${i}.example], clients: [n${i}] }\n`,
    );
    const started = cpuMs();
    expect(complaints(yaml(`groups:\n  web:\n    hosts:\n${hosts.join('')}`)).length).toBe(4000);
    expect(cpuMs() - started).toBeLessThan(5000);
  });
});
