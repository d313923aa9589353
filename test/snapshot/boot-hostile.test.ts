import { describe, expect, test } from 'vitest';
import type { Once } from '../../src/collect/frames.ts';
import { ok } from '../../src/model/reading.ts';
import { bootOf } from '../../src/snapshot/boot.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';
import { key, on } from './boot-trees.ts';

/** A variable of tuned. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: not a template
const reference = '${x}';

describe('whatever a host says', () => {
  const word = fc.constantFrom(
    ...['[main]', '[sysctl]', '[variables]', 'include=web', 'include=b,web', 'x=1', 'type=sysctl', 'priority=x'],
    ...[
      key,
      '=',
      '=1',
      '>',
      '<',
      '"',
      '#',
      '\n',
      '\r',
      ' ',
      '\t',
      '\0',
      '\u2028',
      '\u001b[31m',
      reference,
      `${reference}:`,
      ']',
    ],
    ...['sysctl', '-w', '-p', '--system', 'echo', '/proc/sys/net/', ';', '9'.repeat(400), 'drop=', '\uD800'],
  );
  const text = fc.array(word, { maxLength: 30 }).map(words => words.join(''));
  const path = fc.constantFrom('etc/rc.local', 'etc/rc.d/rc.local', 'proc/cmdline', 'x');
  const once: fc.Arbitrary<Once> = fc
    .record({
      web: text,
      b: text,
      main: text,
      active: fc.oneof(fc.constant('web'), text),
      ufw: text,
      conf: text,
      lines: fc.array(fc.record({ path, line: fc.nat(300), text }), { maxLength: 6 }),
      has: fc.subarray(['etc/ufw/ufw.conf', 'etc/rc.local', 'etc/tuned/b/tuned.conf', 'etc/tuned/web/tuned.conf']),
    })
    .map(({ lines, has, ...texts }) => ({
      files: new Map(
        Object.entries({
          'etc/tuned/web/tuned.conf': texts.web,
          'etc/tuned/b/tuned.conf': texts.b,
          'etc/tuned/tuned-main.conf': texts.main,
          'etc/tuned/active_profile': texts.active,
          'etc/default/ufw': texts.ufw,
          'etc/sysctl.conf': texts.conf,
        }).map(([name, content]) => [name, { status: 'ok' as const, text: content }]),
      ),
      directories: new Set<string>(),
      sysctlFiles: [],
      has: new Set(has),
      lines,
    }));

  test('is read without an exception, and bounded', () => {
    fc.assert(
      fc.property(once, host => {
        const boot = bootOf(host, [key]);
        expect(boot.state).toBe('ok');
        if (boot.state === 'ok')
          for (const lines of boot.value.later.values()) expect(lines.length).toBeLessThanOrEqual(16);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, string]>([
    [
      'variables that double each other',
      `[variables]\n${Array.from({ length: 200 }, (_, i) => `v${i + 1}=\${v${i}}\${v${i}}`).join('\n')}\n[sysctl]\nx=\${v200}\n`,
    ],
    ['many options', `[sysctl]\n${Array.from({ length: 60_000 }, (_, i) => `a.b${i}=1`).join('\n')}`],
    ['one key over and over', `[sysctl]\n${on.repeat(40_000)}`],
    ['one long continued value', `[sysctl]\na=1\n${' b\n'.repeat(200_000)}`],
    ['one line', `[sysctl]\na=${reference.repeat(250_000)}`],
    ['hashes', `[sysctl]\na=${'#'.repeat(1 << 20)}`],
    ['blanks', `[sysctl]\na=1${' '.repeat(1 << 20)}x`],
    ['a hundred thousand includes', `[main]\ninclude=${'b,'.repeat(100_000)}`],
  ])('1 MiB of %s costs little', (_, profile) => {
    const files = new Map(
      Object.entries({
        'etc/tuned/web/tuned.conf': profile,
        'etc/tuned/active_profile': 'web',
        'etc/sysctl.conf': 'x=1',
      }).map(([name, content]) => [name, { status: 'ok' as const, text: content }]),
    );
    const has = new Set(['etc/tuned/web/tuned.conf']);
    const began = cpuMs();
    const boot = bootOf({ files, directories: new Set(), sysctlFiles: [], has, lines: [] }, [key]);
    expect(boot).toEqual(ok(expect.objectContaining({ systemd: null })));
    expect(cpuMs() - began).toBeLessThan(1_500);
  });
});
