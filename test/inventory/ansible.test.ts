import { describe, expect, it } from 'vitest';
import { literalOrText } from '../../src/inventory/ansible/literal.ts';
import { readSshArguments } from '../../src/inventory/ansible/ssh-args.ts';
import { splitWords } from '../../src/inventory/ansible/words.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import type { Inventory } from '../../src/model/host.ts';
import { complaintLine } from '../../src/model/input-error.ts';
import fc from '../fast-check.ts';
import { complaints, load, yaml } from './loading.ts';

const notesOf = ({ notes = [] }: Inventory): string[] => notes.map(complaintLine);
const shownHosts = ({ hosts }: Inventory) =>
  hosts.map(({ name, address, port, user }) => ({ name, address, port, user }));

describe('an INI inventory of Ansible', () => {
  const inventory = load(`; comment
lonely ansible_host=192.0.2.1 ansible_port="2022" note='a b # c'  # end
[web]
web[01:05:2].example.com:2222 ansible_user=deploy
db[a:c]
[2001:db8::1]:22 ansible_become=yes
[web:vars]
ansible_ssh_private_key_file = ~/.ssh/fleet
ansible_user=group
[prod:children]
web
[prod:vars]
ansible_user=parent
ansible_port=22
`);

  it('gives hosts with ranges, ports and variables, each taken from what is nearest', () => {
    expect(shownHosts(inventory)).toEqual([
      { name: 'lonely', address: '192.0.2.1', port: 2022, user: undefined },
      { name: 'web01.example.com', port: 2222, user: 'deploy' },
      { name: 'web03.example.com', port: 2222, user: 'deploy' },
      { name: 'web05.example.com', port: 2222, user: 'deploy' },
      { name: 'dba', port: 22, user: 'group' },
      { name: 'dbb', port: 22, user: 'group' },
      { name: 'dbc', port: 22, user: 'group' },
      { name: '2001:db8::1', port: 22, user: 'group' },
    ]);
    expect(inventory.hosts.map(host => host.groups.join())).toEqual(['', ...Array(7).fill('web,prod')]);
    expect(inventory.hosts.at(-1)).toMatchObject({
      sudo: true,
      identity: '~/.ssh/fleet',
      location: { line: 6, column: 1 },
    });
    expect(inventory.hosts[0]?.variables?.()).toEqual({
      ansible_host: '192.0.2.1',
      ansible_port: 2022,
      note: 'a b # c',
    });
  });

  it.each([
    [
      '[web]\nweb1 abc: x\n',
      [
        'a.yaml:2:6: expected a variable such as key=value behind a host, found "abc:"',
        'a.yaml:2:11: expected a variable such as key=value behind a host, found "x"',
      ],
    ],
    ['[web:children]\na\n', ['a.yaml:2:1: section [web:children] includes group "a", which is declared nowhere']],
    [
      '[web:vars]\na=1\n',
      ['a.yaml:1:1: section [web:vars] is about a group that is declared nowhere; expected [web] as well'],
    ],
    ['[web:hostz]\n[web]\n', ['a.yaml:1:1: section [web:hostz] is of no known kind; expected hosts, vars or children']],
    [
      '[a]\n[my web]\nb c=1\n',
      ['a.yaml:2:1: "[my web]" is no section; expected [group], [group:vars] or [group:children]'],
    ],
    ['[web]\nweb1 a="b\n', ['a.yaml:2:1: a quote or a backslash is not closed']],
    ['[web]\nweb1:\n', ['a.yaml:2:1: a host name ends in ":"; a port belongs behind it']],
    ['[web]\nweb[1:100001]\n', ['a.yaml:2:1: the ranges stand for more than 100,000 names']],
    [
      '[web]\nweb[01:9]\n',
      ['a.yaml:2:1: the ends of the range "[01:9]" differ in length, and the first has leading zeros'],
    ],
    [
      '[web]\nweb;1 a=1\n',
      ['a.yaml:2:1: the host name "web;1" holds ";"; letters, digits, ".", "_" and "-" are allowed'],
    ],
    ['[a:children]\nb\n[b:children]\na\n', ['a.yaml:2:1: groups go in a circle: "b" is a child of "a", and above it']],
    [
      '[a:vars]\nansible_group_priority=high\n[a]\n',
      ['a.yaml:2:1: ansible_group_priority: expected a whole number, found "high"'],
    ],
  ])('%j is refused with its line', (text, expected) => {
    expect(complaints(text).sort()).toEqual([...expected].sort());
  });

  it('sees the groups of the files before it', () => {
    expect(load('[db]\ndb1\n', '[prod:children]\ndb\n').groups).toEqual(
      new Map([
        ['db', ['db1']],
        ['prod', ['db1']],
      ]),
    );
    expect(complaints('[prod:children]\ndb\n', '[db]\ndb1\n')).toHaveLength(1);
  });
});

describe('a YAML inventory of Ansible', () => {
  it('nests groups, reads YAML 1.1, and tells what Ansible leaves out', () => {
    const inventory = load(`all:
  vars: { ansible_become: yes }
  children:
    web:
      hosts:
        web[1:2]: { ansible_port: 2222 }
        plain:
      children: { edge: { hosts: edge7 } }
      machines: {}
  hosts: { lonely: { ansible_user: !unsafe "a{b" } }
other: text
`);
    expect(inventory.hosts.map(({ name, port, sudo, groups }) => [name, port, sudo, groups.join()])).toEqual([
      ['web1', 2222, true, 'web'],
      ['web2', 2222, true, 'web'],
      ['plain', undefined, true, 'web'],
      ['edge7', undefined, true, 'web,edge'],
      ['lonely', undefined, true, ''],
    ]);
    expect(notesOf(inventory)).toEqual([
      'a.yaml:9:7: unknown key "machines" in group "web": left out, as Ansible does; expected hosts, children or vars',
      'a.yaml:10:22: host lonely: ansible_user: the user name "a{b" holds a character that ssh refuses: not read',
      'a.yaml:11:1: "other" is no group, but "text": left out, as Ansible does',
    ]);
  });

  it.each([
    [
      'plugin: aws_ec2\nregions: [x]\n',
      /^a\.yaml:1:1: this configures the inventory plugin "aws_ec2" of Ansible, which is not run here/,
    ],
    ['all:\n  hosts: [a, b]\n', /^a\.yaml:2:10: "hosts" of a group: expected a mapping, found a list/],
    ['all:\n  hosts:\n    a: 5\n', /^a\.yaml:3:8: the variables of host "a": expected a mapping, found 5$/],
  ])('%j is refused with its line', (text, message) => {
    expect(complaints(text)).toEqual([expect.stringMatching(message)]);
  });
});

describe('what ansible-inventory --list prints', () => {
  it('gives the same hosts, also in its short forms', () => {
    const text = JSON.stringify(
      {
        _meta: { hostvars: { web1: { ansible_host: '10.0.0.1', ansible_port: '2200' }, ghost: { x: 1 } } },
        all: { children: ['web', 'ungrouped'] },
        web: { hosts: ['web1', 'web2'], vars: { ansible_user: 'u' }, children: ['edge'] },
        short: ['web2'],
        alone: { ansible_port: 7 },
      },
      null,
      2,
    );
    const inventory = load(text);
    expect(
      inventory.hosts.map(({ name, address, port, user, groups }) => [name, address, port, user, groups.join()]),
    ).toEqual([
      ['web1', '10.0.0.1', 2200, 'u', 'web'],
      ['web2', undefined, undefined, 'u', 'web,short'],
      ['alone', undefined, 7, undefined, 'alone'],
    ]);
    expect(inventory.hosts[0]?.location.line).toBe(4);
    expect([...inventory.groups.keys()]).toEqual(['web', 'edge', 'short', 'alone']);
  });
});

describe('group_vars and host_vars', () => {
  const text = '[web]\nweb1 v=host\n[db]\ndb1\n[prod:children]\nweb\n[web:vars]\nv=web\n[all:vars]\nv=all\n';
  const vars = (kind: 'group' | 'host', name: string, body: string) => ({
    file: `${kind}_vars/${name}`,
    text: body,
    variablesOf: { kind, name },
  });
  const context = { isSshAlias: () => false };

  it('rank as in Ansible: all, groups, group_vars/all, group_vars, the host, host_vars', () => {
    const layers = [
      vars('group', 'all', 'v: files of all\nw: files of all\n'),
      vars('group', 'prod', 'w: files of prod\n'),
      vars('group', 'nobody', 'this: [is not read'),
      vars('host', 'web1', 'u: files of host\n'),
    ];
    const inventory = loadInventory([{ file: 'a', text }, ...layers], context);
    expect(inventory.hosts.map(host => host.variables?.())).toEqual([
      { v: 'host', w: 'files of prod', u: 'files of host' },
      { v: 'files of all', w: 'files of all' },
    ]);
    expect(inventory.files).toEqual(['a']);
  });

  it('report what is vaulted, and show no secret', () => {
    const files = [
      vars('group', 'web', '$ANSIBLE_VAULT;1.1;AES256\n6162\n'),
      vars(
        'host',
        'web1',
        'ansible_become_password: hunter2\nkey: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nansible_port: !vault x\n',
      ),
    ];
    const inventory = loadInventory([{ file: 'a', text }, ...files], context);
    expect(notesOf(inventory)).toEqual([
      'group_vars/web:1:1: the whole file is vaulted: not read',
      'host_vars/web1:2:1: "key" is vaulted: not read',
      'host_vars/web1:5:1: "ansible_port" is vaulted: not read',
    ]);
    expect(inventory.hosts[0]?.port).toBeUndefined();
    expect(JSON.stringify(inventory.hosts[0]?.variables?.())).not.toMatch(/hunter2|6162/);
  });
});

describe('the way to a host of Ansible', () => {
  it.each([
    ['-J bastion', { hops: ['bastion'] }],
    ['-o ProxyJump=a,b@c:2200 -o ControlMaster=auto -C', { hops: ['a', 'b@c:2200'] }],
    ['-o ProxyCommand="ssh -W %h:%p -q admin@bastion"', { hops: ['admin@bastion'] }],
    ["-o 'ProxyCommand ssh -p 2222 -l op -W [%h]:%p jump'", { hops: ['op@jump:2222'] }],
    ['-oProxyCommand="ssh -W %h:%p -o StrictHostKeyChecking=no jump"', { hops: ['jump'] }],
    ['-p 2200 -l me -i ~/.ssh/k', { port: 2200, user: 'me', identity: '~/.ssh/k' }],
  ])('%j is understood', (text, expected) => {
    const { notes, ...read } = readSshArguments(text);
    expect(read).toEqual(expected);
    expect(notes).toEqual([]);
  });

  it.each([
    ['-o StrictHostKeyChecking=no', 'StrictHostKeyChecking=no is not followed: host keys are checked; see --host-keys'],
    ['-o ProxyCommand="nc %h %p"', 'ProxyCommand "nc %h %p" is not supported; only ssh -W %h:%p HOST is understood'],
    [
      '-o ProxyCommand="ssh -i k -W %h:%p b"',
      'ProxyCommand "ssh -i k -W %h:%p b" is not supported; only ssh -W %h:%p HOST is understood',
    ],
    ['-J -oProxyCommand=x', '"-oProxyCommand=x" is no jump host that can be used'],
    ['-o Ciphers=3des-cbc', '"Ciphers=3des-cbc" of the ssh arguments is not supported'],
    ['-o "x', '"-o "x" cannot be read: a quote or a backslash is not closed'],
  ])('%j is told, and does nothing', (text, note) => {
    expect(readSshArguments(text)).toEqual({ notes: [note] });
  });

  it('leaves out what is not SSH, takes local as local, and does not go to a host through itself', () => {
    const inventory = load(`[all:vars]
ansible_ssh_common_args=-J bastion
[x]
win ansible_connection=winrm
here ansible_connection=local
bastion
far ansible_host='{{ ip }}' ansible_port=99999
`);
    expect(inventory.hosts.map(({ name, transport, hops }) => [name, transport, hops])).toEqual([
      ['here', 'local', []],
      ['bastion', undefined, []],
      ['far', undefined, ['bastion']],
    ]);
    expect(notesOf(inventory)).toEqual([
      'a.yaml:4:5: host win: ansible_connection "winrm" is not SSH: left out',
      'a.yaml:7:5: host far: ansible_host "{{ ip }}" is a template of Ansible, which is not evaluated: not read',
      'a.yaml:7:29: host far: ansible_port "99999" is no port from 1 to 65535: not read',
    ]);
  });
});

describe('values and words', () => {
  it.each([
    ['1', 1],
    ['-2.5', -2.5],
    ['0644', '0644'],
    ['0o17', 15],
    ['1_000', 1000],
    ['True', true],
    ['true', 'true'],
    ['None', null],
    ["'a' 'b'", 'ab'],
    ["['a', {'b': (1,)}]", ['a', { b: [1] }]],
    ['1.2.3.4', '1.2.3.4'],
    ['1 # x', 1],
    ['a # x', 'a # x'],
    ['[1', '[1'],
    ['12345678901234567890', '12345678901234567890'],
    ['{1, 2}', [1, 2]],
    ['(3)', 3],
    ["r'\\n'", '\\n'],
    ['"\\x41"', 'A'],
  ])('%j is %j', (text, value) => {
    expect(literalOrText(text)).toEqual(value);
  });

  it.each([
    ["a b='c d' # e", ['a', 'b=c d']],
    ['a#b', ['a']],
    ['"a\\"b" \'c\\d\' e\\ f', ['a"b', 'c\\d', 'e f']],
  ])('%j splits into %j', (line, words) => {
    const split = splitWords(line);
    expect(typeof split === 'string' ? split : split.map(({ text }) => text)).toEqual(words);
  });

  it('never throw, whatever the text is', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '(',
      ',',
      ':',
      "'",
      '"',
      '\\',
      '1',
      '_',
      '.',
      '-',
      'e',
      'x',
      ' ',
      '#',
      '=',
      '\n',
      'web',
      '[web]',
      '[a:vars]',
      '[1:3]',
      'ansible_host=',
      '{{',
      '!vault',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const text = pieces.join('');
        literalOrText(text);
        readSshArguments(text);
        for (const line of complaints(`[web]\n${text}`)) expect(line).toMatch(/^a\.yaml:\d+:\d+: \S/);
      }),
      { numRuns: 1000 },
    );
  });
});

it('stands beside an inventory of ours', () => {
  const inventory = load(yaml('groups: { web: { hosts: [web1], port: 22 } }'), '[web]\nweb1 ansible_user=u\nweb2\n');
  expect(inventory.hosts.map(({ name, user, port }) => [name, user, port])).toEqual([
    ['web1', 'u', 22],
    ['web2', undefined, undefined],
  ]);
});
