import { expect, it } from 'vitest';
import { systemNames } from '../../src/text/system-names.ts';

it.each([
  [[], 'unknown system'],
  [['CentOS Linux 7 (Core)', 'CentOS Linux 7 (AltArch)'], 'CentOS Linux 7'],
  [['Debian GNU/Linux 9 (stretch)', 'CentOS Linux 7 (Core)'], 'CentOS 7+Debian 9'],
  [['a'.repeat(39), 'b'.repeat(39)], '2 systems'],
  [['x'.repeat(65_536)], 'x'.repeat(40)],
  [['Debian GNU/Linux 9', 'CentOS Linux 7', 'Ubuntu 24.04'], '3 systems'],
])('%j is %j', (systems, label) => {
  expect(systemNames(systems)).toBe(label);
});
