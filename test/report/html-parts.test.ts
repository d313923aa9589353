import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { sysctlCommands } from '../../src/report/html/commands.ts';
import { html } from '../../src/report/html/markup.ts';
import { openFindings, standingOf } from '../../src/report/html/standing.ts';
import { clipped, visible } from '../../src/report/html/visible.ts';
import fc from '../fast-check.ts';
import { failed, firing, result } from './results.ts';

describe('visible', () => {
  test.each([
    ['web01', 'web01'],
    ['\x1b[2J', '␛[2J'],
    ['a\nb\tc\x00\x7f', 'a␊b␉c␀␡'],
    ['\x9b', '⟨U+009B⟩'],
    ['web\u202e01', 'web⟨U+202E⟩01'],
    ['שרת', 'שרת'],
    ['\ud800', '\ufffd'],
    ['😀', '😀'],
  ])('%j is %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('applied twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });
});

test('clipped keeps characters whole and says how long the text was', () => {
  expect(clipped('abc', 3)).toBe('abc');
  expect(clipped('a😀b', 2)).toBe('a… (4 characters)');
});

test('a template escapes every value, however deep', () => {
  expect(html`<p title="${'"<'}">${['a&b', [null, html`<b>${"'"}</b>`], 3]}</p>`.html).toBe(
    '<p title="&quot;&lt;">a&amp;b<b>&#39;</b>3</p>',
  );
});

describe('commands', () => {
  test.each<[Record<string, string>, string[] | null]>([
    [{ 'net.ipv4.tcp_tw_recycle': '0' }, ['sysctl -w net.ipv4.tcp_tw_recycle=0']],
    [{ 'net.ipv4.ip_local_port_range': '1024 60999' }, ["sysctl -w 'net.ipv4.ip_local_port_range=1024 60999'"]],
    [{}, null],
    [{ 'net.a.b': '1\nrm -rf /' }, null],
    [{ 'net.a;reboot': '1' }, null],
    [{ '-p': '1' }, null],
    [{ 'net.a.b': '' }, null],
  ])('%j', (set, commands) => {
    expect(sysctlCommands(set)).toEqual(commands);
  });

  test('a shell reads back exactly the key and the value', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code)),
      minLength: 1,
    });
    const values = fc.sample(printable, 200);
    const commands = values.map(value => sysctlCommands({ 'net.a.b': value })?.[0] ?? '');
    // sysctl is a function here, which prints what it was called with
    const script = `sysctl() { printf '%s %s\\n' "$1" "$2"; }\n${commands.join('\n')}\n`;
    const said = execFileSync('sh', ['-s'], { input: script, encoding: 'utf8' });
    expect(said.split('\n').slice(0, -1)).toEqual(values.map(value => `-w net.a.b=${value}`));
  });
});

test.each([
  ['clean', result('a')],
  ['dropping', result('a', { findings: [firing(3)] })],
  ['dropping', result('a', { findings: [firing(3, { state: 'active', severity: 'high' })] })],
  ['at-risk', result('a', { findings: [firing(0, { state: 'exposed' })] })],
  ['at-risk', result('a', { findings: [firing(0, { state: 'latent', severity: 'medium' })] })],
  ['clean', result('a', { findings: [firing(0, { state: 'inert', severity: 'low' })] })],
  ['clean', result('a', { findings: [firing(3, { waived: { reason: 'lab', expires: '2027-01-01' } })] })],
  ['not-audited', failed('a', 'unreachable')],
])('a host is %s', (standing, host) => {
  expect(standingOf(host, openFindings(host))).toBe(standing);
});
