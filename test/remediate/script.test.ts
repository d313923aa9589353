import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cohortScript, runningFile } from '../../src/remediate/script.ts';
import { shellquote } from '../../src/text/shellquote.ts';
import fc from '../fast-check.ts';
import { changeOf, cohortOf, recycleOff, scriptOf, scriptPlan, wantedKeys } from './script-plan.ts';

const work = mkdtempSync(join(tmpdir(), 'synaudit-remediate-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const script = join(work, 'script.sh');
writeFileSync(script, scriptOf(wantedKeys));

const shells: readonly (readonly string[])[] = [['dash'], ['busybox', 'sh'], ['bash', '--posix'], ['bash']];
const parse = (shell: readonly string[], file: string) => {
  const [program = 'sh', ...rest] = shell;
  return spawnSync(program, [...rest, '-n', file], { encoding: 'utf8' });
};
/** What runs the parts of a script here. */
const sh = 'dash';
const has = (program: string): boolean => spawnSync(program, ['--help']).error === undefined;

describe('the script of a cohort', () => {
  test.skipIf(!has('shellcheck'))('has nothing that shellcheck objects to', () => {
    const { status, stdout } = spawnSync('shellcheck', ['-s', 'sh', script], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test.each(shells.filter(([program = '']) => has(program)))('is understood by %s', (...shell) => {
    const { status, stderr } = parse(
      shell.filter(word => word !== undefined),
      script,
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('acts in its last line only: what comes before defines functions and two names', () => {
    const text = scriptOf([recycleOff]);
    expect(text.endsWith('}\n\nmain "$@" </dev/null\n')).toBe(true);
    const cut = join(work, 'cut.sh');
    writeFileSync(cut, text.slice(0, -'main "$@" </dev/null\n'.length));
    const run = spawnSync(sh, ['-x', cut, '--apply'], { encoding: 'utf8' });
    expect(run.stdout).toBe('');
    expect(run.stderr).toBe(`+ plan=${scriptPlan.id}\n+ cohort=c1-tw-recycle\n`);
  });

  test('says to a reviewer which hosts, which key, from what to what, why, at which risk', () => {
    const [header = ''] = scriptOf([recycleOff]).split('\nplan=');
    const words = header.replace(/\n# +/g, ' ');
    expect(words).toContain('Change: net.ipv4.tcp_tw_recycle from 1 to 0.');
    expect(words).toContain('Hosts: web01.example (web01).');
    expect(words).toContain('(critical; tw-recycle)');
    expect(words).toContain('Risk: None that is known');
    expect(words).toContain(`plan ${scriptPlan.id}`);
    expect(header.split('\n').filter(line => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  test('is the same for the same plan, whatever the order of the hosts', () => {
    const cohort = cohortOf([recycleOff]);
    const other = { name: 'a', hostname: 'a', kernel: null, boot: {} };
    const body = (hosts: typeof cohort.hosts): string =>
      cohortScript({ plan: scriptPlan, cohort: { ...cohort, hosts } }).replace(/^#.*\n/gm, '');
    expect(body([...cohort.hosts, other])).toBe(body([other, ...cohort.hosts]));
  });

  test.each([
    ['a key with a blank', changeOf('net.ipv4.tcp tw', '1', '0')],
    ['a key that leaves /proc/sys', changeOf('net.//.//.etc', '1', '0')],
    ['a key without a dot', changeOf('panic', '1', '0')],
    ['a key that begins with a slash', changeOf('/net/ipv4/x', '1', '0')],
    ['a key with an empty part', changeOf('net..x', '1', '0')],
    ['a pattern', changeOf('net.ipv4.conf.*.rp_filter', '1', '0')],
    ['a quote in a value', changeOf('net.ipv4.x', '1', "0'")],
    ['a line break in a value', changeOf('net.ipv4.x', '1', '0\nkernel.core_pattern=x')],
    ['a tab in a value', changeOf('net.ipv4.x', '1\t2', '0')],
    ['no value', changeOf('net.ipv4.x', '1', '')],
    ['blanks at the end of a value', changeOf('net.ipv4.x', '1 ', '0')],
  ])('is refused for %s', (_why, change) => {
    expect(() => scriptOf([change])).toThrow(RangeError);
  });

  test('is refused without a change or a host, with one key twice, and for a plan id that is none', () => {
    expect(() => scriptOf([])).toThrow(RangeError);
    const nameless = [{ name: 'web01', hostname: '\n', kernel: null, boot: {} }];
    expect(() => cohortScript({ plan: scriptPlan, cohort: { ...cohortOf([recycleOff]), hosts: nameless } })).toThrow(
      RangeError,
    );
    expect(() => scriptOf([recycleOff, recycleOff])).toThrow(RangeError);
    for (const id of ['', '../x', 'a b', "a'b", 'a\nb', '.', '-x']) {
      expect(() => cohortScript({ plan: { ...scriptPlan, id }, cohort: cohortOf([recycleOff]) }), id).toThrow(
        RangeError,
      );
    }
  });

  test('knows the file of a key with a dot in the name of an interface', () => {
    expect(runningFile('net.ipv4.conf.eth0/100.rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.100/rp_filter');
  });
});

describe('hostile names and texts', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '`',
          '$(',
          ')',
          '\n',
          '\r',
          '\0',
          '\\',
          ';',
          '&',
          '#',
          '}',
          'EOF',
          'touch hit',
          '\u2028',
          '\x1b[2J',
          ' ',
        ),
        { maxLength: 12 },
      )
      .map(parts => parts.join('')),
  );

  test('nothing breaks out: the script parses, runs nothing of them, and its header stays a comment', () => {
    let index = 0;
    fc.assert(
      fc.property(nasty, nasty, nasty, nasty, (name, hostname, summary, risk) => {
        const text = cohortScript({
          plan: { ...scriptPlan, version: risk, run: { id: name, startedAt: summary, subject: hostname } },
          cohort: {
            ...cohortOf([{ ...recycleOff, summary, risk, rules: [name] }]),
            hosts: [
              { name, hostname, kernel: summary, boot: {} },
              { name: 'web01', hostname: 'web01', kernel: null, boot: {} },
            ],
          },
        });
        const [header = '', rest = ''] = text.split(/^# shellcheck disable=SC2016.*\n/m);
        expect(header.split('\n').every(line => line === '' || line.startsWith('#'))).toBe(true);
        const file = join(work, `hostile-${index++}.sh`);
        writeFileSync(file, rest.replace('main "$@" </dev/null', 'hosts_of_plan >/dev/null; each_change :'));
        const run = spawnSync(sh, [file], { cwd: work, encoding: 'utf8' });
        expect([run.status, run.stdout, run.stderr]).toEqual([0, '', '']);
        expect(existsSync(join(work, 'hit'))).toBe(false);
      }),
      { numRuns: 80, seed: 6 },
    );
  });

  test('a shell reads back what was quoted', () => {
    const words = fc.sample(fc.array(nasty, { minLength: 1, maxLength: 20 }), { numRuns: 10, seed: 7 }).flat();
    const plain = words.map(word => Buffer.from(word.replaceAll('\0', '')).toString());
    const file = join(work, 'quoted.sh');
    writeFileSync(file, `printf '%s\\0' ${plain.map(shellquote).join(' ')}`);
    for (const shell of [sh, 'bash']) {
      expect(spawnSync(shell, [file], { encoding: 'utf8' }).stdout.split('\0').slice(0, -1)).toEqual(plain);
    }
  });
});
