import { expect, test } from 'vitest';
import { containerOf, processStatOf } from '../../src/sources/process-stat.ts';
import fc from '../fast-check.ts';

const id = '0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9';

test.each([
  ['docker, cgroup v2', `0::/system.slice/docker-${id}.scope`, id.slice(0, 12)],
  ['docker, cgroup v1', `12:pids:/docker/${id}\n11:cpu:/docker/${id}`, id.slice(0, 12)],
  [
    'containerd below kubelet',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6e7f0a1b_2c3d.slice/cri-containerd-${id}.scope`,
    id.slice(0, 12),
  ],
  ['cri-o', `0::/kubepods.slice/kubepods-pod1.slice/crio-${id}.scope`, id.slice(0, 12)],
  ['podman', `0::/machine.slice/libpod-${id}.scope/container`, id.slice(0, 12)],
  ['one container in another', `0::/docker/${'f'.repeat(64)}/docker/${id}`, id.slice(0, 12)],
  ['lxc 4', '0::/lxc.payload.web1/system.slice/nginx.service', 'web1'],
  ['lxc 2', '8:memory:/lxc/web2', 'web2'],
  ['systemd-nspawn', '0::/machine.slice/machine-web3.scope/payload', 'web3'],
  ['no container', '0::/system.slice/nginx.service', null],
  ['a digest that is no id', `0::/x/${'a'.repeat(65)}`, null],
  ['nothing', '', null],
])('container: %s', (_, cgroup, expected) => {
  expect(containerOf(cgroup)).toBe(expected);
});

const rest = 'S 1 1 1 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 12345 1000 100';

test.each([
  ['a plain name', `4711 (nginx) ${rest}`, { name: 'nginx', startedSeconds: 123.45 }],
  ['blanks and parentheses', `4711 (a) (b c)) ${rest}`, { name: 'a) (b c)', startedSeconds: 123.45 }],
  ['control characters', `4711 (\u001b]0;x\u0007a\nb) ${rest}`, { name: 'a b', startedSeconds: 123.45 }],
  ['no parentheses', '4711 nginx S', null],
  ['too few fields', '4711 (nginx) S 1 2', null],
  ['no number', `4711 (nginx) ${rest.replace('12345', '-1')}`, null],
])('stat: %s', (_, text, expected) => {
  expect(processStatOf(text)).toEqual(expected);
});

test('any text gives a short name and a finite time, or nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, more) => {
      const stat = processStatOf(`1 (${name}) ${rest}${more}`);
      if (stat === null) return;
      expect([...stat.name].length).toBeLessThanOrEqual(15);
      expect(stat.name).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(stat.startedSeconds).toBeLessThan(Number.POSITIVE_INFINITY);
    }),
  );
});
