import { describe, expect, it } from 'vitest';
import { complaintLine } from '../../src/model/input-error.ts';
import { complaints, load } from './loading.ts';

const shown = (text: string) =>
  load(text).hosts.map(({ name, address, port, user, hops, groups }) => [
    name,
    address,
    port,
    user,
    hops.join(),
    groups.join(),
  ]);

describe('Host entries of an ssh_config', () => {
  const text = `# fleet
Include extra.d/*
Host web1 web2 !web3 *.lab
  HostName %h.example.com
  Port 2222
Host bastion
  HostName 192.0.2.1
  User = jump
Match exec "true"
  User nobody
Host web* bastion
  User audit
  ProxyJump admin@bastion:22
Host *
  IdentityFile "~/.ssh/id key"
`;
  it('are hosts, with the first value of each keyword', () => {
    expect(shown(text)).toEqual([
      ['web1', 'web1.example.com', 2222, 'audit', 'admin@bastion:22', ''],
      ['web2', 'web2.example.com', 2222, 'audit', 'admin@bastion:22', ''],
      ['bastion', '192.0.2.1', undefined, 'jump', 'admin@bastion:22', ''],
    ]);
    expect(load(text).hosts.map(host => host.identity)).toEqual(Array(3).fill('~/.ssh/id key'));
    expect(load(text).notes?.map(complaintLine)).toEqual([
      'a.yaml:2:1: Include "extra.d/*" is not followed in a list of hosts: give that file with -i',
      'a.yaml:9:1: Match "exec "true"" is not evaluated in a list of hosts: left out',
    ]);
  });

  it('with a fault are refused with its line', () => {
    expect(complaints('Host a\n  Port 99999\n  HostName -x\n')).toEqual([
      'a.yaml:2:3: expected a port from 1 to 65535, found "99999"',
      'a.yaml:3:3: the host name "-x" begins with "-"',
    ]);
  });
});

describe('genders', () => {
  it('are nodes in groups, with values', () => {
    const inventory = load('node[1-2],head web,rack=7 # x\nnode2 boss=%n%%\nlone\n');
    expect(inventory.hosts.map(({ name, groups, variables }) => [name, groups.join(), variables?.()])).toEqual([
      ['node1', 'web,rack', { rack: '7' }],
      ['node2', 'web,rack,boss', { rack: '7', boss: 'node2%' }],
      ['head', 'web,rack', { rack: '7' }],
      ['lone', '', {}],
    ]);
  });

  it('of 200,001 nodes are refused', () => {
    expect(complaints('a[1-100000] x,y\nb[1-100000] x,y\nc1 x\n')).toEqual([
      'a.yaml:3:1: the hosts of this file are more than 200,000 from here on',
    ]);
  });
});

describe('groups of ClusterShell', () => {
  it('are nodes by set operations, from the left', () => {
    const { groups, hosts } = load(
      '# x\nadm: n0\nio: n[4-6]  n[8-10/2]\nall: @adm,@io\nnot: @all!n5,n0\nboth: @io&n[5-20]\none: n[4-5]^n[5-6]\nany: @*d*\n',
    );
    expect([...groups].map(([group, names]) => `${group} ${names.join()}`)).toEqual([
      'adm n0',
      'io n4,n5,n6,n8,n10',
      'all n0,n4,n5,n6,n8,n10',
      'not n0,n4,n6,n8,n10',
      'both n5,n6,n8,n10',
      'one n4,n6',
      'any n0',
    ]);
    expect(hosts.length).toBe(6);
  });

  it('may come from several sources in YAML', () => {
    const { groups } = load(
      "racks:\n  r1: 'n[1-2]'\n  r2:\n    - n3\n    - 'n[4-5]'\nroles:\n  io: '@racks:r[1-2]!n3'\n  me: '@io&n1'\n",
    );
    expect([...groups].map(([group, names]) => `${group} ${names.join()}`)).toEqual([
      'racks.r1 n1,n2',
      'racks.r2 n3,n4,n5',
      'roles.io n1,n2,n4,n5',
      'roles.me n1',
    ]);
  });

  it.each([
    ['a: @b\nb: @a\n', 'a.yaml:1:1: group "a": groups go in a circle at "@a"'],
    ['a: @nobody\n', 'a.yaml:1:1: group "a": unknown group "@nobody"'],
    ['a: n[1-\n', 'a.yaml:1:1: group "a": host pattern "n[1-", column 2: "[" without "]"'],
  ])('%j is refused with its line', (text, message) => {
    expect(complaints(text)[0]).toBe(message);
  });
});
