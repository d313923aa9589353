import { describe, expect, test } from 'vitest';
import { type Command, type CommandGroup, commands } from '../../src/cli/commands.ts';
import { flags } from '../../src/cli/flags.ts';
import { call } from './call.ts';

const paths = commands.flatMap((entry: Command | CommandGroup): { path: string[]; command: Command }[] =>
  'load' in entry
    ? [{ path: [entry.name], command: entry }]
    : entry.commands.map(command => ({ path: [entry.name, command.name], command })),
);

describe('help', () => {
  test('names every command, how to begin, and the exit codes', async () => {
    const { exitCode, stdout, stderr } = await call(['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const { name } of commands) expect(stdout).toContain(`  ${name} `);
    expect(stdout).toContain('synaudit demo');
    expect(stdout).toContain('130 interrupted');
  });

  test.each(paths.map(({ path, command }) => [path.join(' '), path, command] as const))(
    'of %s: its flags and examples',
    async (_name, path, command) => {
      const { exitCode, stdout } = await call([...path, '--help']);
      expect(exitCode).toBe(0);
      for (const flag of command.flags)
        expect(stdout).toContain(flags[flag].spec.split(' ').find(part => part.startsWith('--')));
      for (const example of command.examples) expect(stdout).toContain(example);
      expect(command.examples.length).toBeGreaterThan(0);
    },
  );

  const withFormat = paths.filter(({ command }) => command.flags.some(name => flags[name].spec.startsWith('-f,')));
  test.each(withFormat.map(({ path, command }) => [path.join(' '), path, command] as const))(
    'of %s: the formats that it takes',
    async (_name, path, { args = '' }) => {
      const { stdout } = await call([...path, '--help']);
      const [, told = ''] = /-f, --format <name> +(.*?) on stdout/.exec(stdout) ?? [];
      const needed = args.includes('<') ? ['x'] : [];
      const { exitCode, stderr } = await call([...path, ...needed, '-f', 'papyrus']);
      const [, taken = ''] = /--format: expected one of (.*?), got/.exec(stderr) ?? [];
      expect([exitCode, told.split(/, | or /)]).toEqual([2, taken.split(', ')]);
    },
  );

  test('every flag belongs to some command', () => {
    const used = new Set<string>(paths.flatMap(({ command }) => command.flags));
    expect(Object.keys(flags).filter(name => !used.has(name))).toEqual([]);
  });
});

describe('what cannot be understood is exit code 2, on stderr, with a hint', () => {
  test.each([
    [['audti'], "unknown command 'audti'", 'Did you mean audit?'],
    [['audit', '--limt', 'x'], "unknown option '--limt'", 'Did you mean --limit?'],
    [['runs', 'lst'], "unknown command 'lst'", 'Did you mean list?'],
    [['ingest'], "missing required argument 'path'", '--help'],
    [['audit', '--user'], 'argument missing', '--help'],
    [['report', 'a', 'b'], 'too many arguments', '--help'],
    [[], 'Usage: synaudit', 'synaudit demo'],
  ])('%j', async (argv, message, hint) => {
    const { exitCode, stdout, stderr } = await call(argv);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test('every bad value is told, not only the first', async () => {
    const { exitCode, stderr } = await call([
      ...['audit', 'web01', '--interval', '1.5', '--concurrency', '0', '--fail-on', 'hihg', '--connect-timeout', '0'],
      ...[
        '--format',
        'tabel',
        '-o',
        'report.xyz',
        '-o',
        'sarif=x',
        '--host-keys',
        'no',
        '-i',
        'x.yaml',
        '--retry',
        'a',
        '--resume',
        'b',
      ],
    ]);
    expect(exitCode).toBe(2);
    const expected = [
      '--interval: expected a whole number from 0 to 3600, got "1.5"',
      '--concurrency: expected a whole number from 1 to 10000, got "0"',
      '--fail-on: expected one of critical, high, medium, low, info, never (did you mean high?), got "hihg"',
      '--connect-timeout: expected a duration above 0, like 5, 500ms, 5s or 2m, got "0"',
      '--format: expected one of table, json, ndjson, html (did you mean table?), got "tabel"',
      '--output report.xyz: no format and no known ending',
      '--output sarif=x: unknown format "sarif", expected one of table, json, ndjson',
      '--host-keys: expected one of strict, accept-new, off',
      'give either hosts or --inventory',
      'give either --retry or --resume',
    ];
    for (const line of expected) expect(stderr).toContain(`synaudit: ${line}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(expected.length);
  });
});

test('the version is that of the package', async () => {
  const { exitCode, stdout } = await call(['--version']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('collector prints a script and nothing else', async () => {
  const { exitCode, stdout, stderr } = await call(['collector', '--interval', '7']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toContain('interval=7 ');
  const again = await call(['collector', '--interval', '7']);
  expect(again.stdout).not.toBe(stdout); // another boundary
});
