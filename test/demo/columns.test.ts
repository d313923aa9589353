import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Kernel, kernels } from '../../src/demo/kernel.ts';
import { netstatText, snmpText } from '../../src/demo/proc-net.ts';

const fixture = (path: string): string => readFileSync(new URL(`../fixtures/hosts/${path}`, import.meta.url), 'utf8');

/** The header line of a group in a file of /proc/net. */
const header = (text: string, group: string): string =>
  text.split('\n').find(line => line.startsWith(`${group}: `) && /[A-Za-z]{3}/.test(line.slice(group.length + 2))) ??
  '';

const cases: readonly [kernel: Kernel, tree: string, groups: readonly string[]][] = [
  [kernels.el6, 'old-columns', ['TcpExt', 'IpExt']],
  [kernels.el7, 'el7-incident/after', ['TcpExt', 'IpExt']],
  [kernels.v49, 'v49-modern-client/after', ['TcpExt']],
];

test.each(cases)('$release prints the columns of /proc/net/netstat as the real one', (kernel, tree, groups) => {
  const real = fixture(`${tree}/proc/net/netstat`);
  const ours = netstatText(kernel, new Map());
  for (const group of groups) {
    expect(header(real, group)).toContain(group);
    expect(header(ours, group).trimEnd()).toBe(header(real, group).trimEnd());
  }
});

test('the modern columns are those of 5.4 and what came after', () => {
  const real = header(fixture('ubuntu-5.4/proc/net/netstat'), 'TcpExt');
  const ours = header(netstatText(kernels.bookworm, new Map()), 'TcpExt');
  expect(ours.startsWith(real.trimEnd())).toBe(true);
  expect(ours).not.toContain('PAWSPassive');
});

test.each([
  [kernels.el6, 'old-columns'],
  [kernels.el7, 'el7-incident/after'],
  [kernels.jammy, 'ubuntu-5.4'],
] as const)('$release prints the columns of /proc/net/snmp as the real one', (kernel, tree) => {
  const real = fixture(`${tree}/proc/net/snmp`);
  const ours = snmpText(kernel, new Map());
  for (const group of ['Ip', 'Tcp']) expect(header(ours, group)).toBe(header(real, group).trimEnd());
});
