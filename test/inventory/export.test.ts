import { describe, expect, it } from 'vitest';
import { inventoryYaml } from '../../src/inventory/export.ts';
import type { Inventory } from '../../src/model/host.ts';
import { load, yaml } from './loading.ts';

const connections = ({ hosts }: Inventory) =>
  hosts
    .map(({ location: _l, variables: _v, hops, groups, ...host }) => ({ ...host, groups: [...groups].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

describe('an imported inventory', () => {
  it.each([
    [
      'of Ansible',
      '[web]\nweb[01:03] ansible_user=u\n[db]\ndb1 ansible_host=10.0.0.1 ansible_port=2200 ansible_become=yes\nweb01\n10.0.0.2\n[prod:children]\nweb\ndb\n[empty]\n',
    ],
    [
      'of ours',
      yaml(
        'nat: { n: { cidrs: [10.0.0.0/8], status: active } }\ngroups: { web: { hosts: ["web[1-3]", "2001:db8::1"], zone: z, clients: [n], services: [{ name: s, port: 80 }], rules: { r: { p: 1 } } }, db: { hosts: [web1, "x.y"], serial: 2 } }\nwaivers: [{ rule: r, hosts: "web*", reason: x, expires: 2030-01-01 }]\n',
      ),
    ],
  ])('%s loads again as the same hosts', (_, text) => {
    const inventory = load(text);
    const again = load(inventoryYaml(inventory));
    expect(connections(again)).toEqual(connections(inventory));
    expect([...again.groups.keys()].sort()).toEqual([...inventory.groups.keys()].sort());
    expect(again.nat).toEqual(inventory.nat);
    expect(again.waivers.map(waiver => waiver.rule)).toEqual(inventory.waivers.map(waiver => waiver.rule));
  });

  it('names jump hosts as hosts, and hosts without a group in one', () => {
    const text = 'a ansible_ssh_common_args="-J op@gate:2200,jump"\nb ansible_ssh_common_args="-J me@gate"\n';
    expect(inventoryYaml(load(text))).toBe(`# Imported from a.yaml
# Group jump-hosts: hosts on the way to others. An audit of all hosts visits them, too.
version: 1
groups:
  ungrouped:
    hosts:
      - { name: a, hops: [ gate, jump ] }
      - { name: b, hops: [ gate-2 ] }
  jump-hosts:
    hosts:
      - jump
      - { name: gate, user: op, port: 2200 }
      - { name: gate-2, address: gate, user: me }
`);
    expect(load(inventoryYaml(load(text))).hosts.length).toBe(5);
  });
});
