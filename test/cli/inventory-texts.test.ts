import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inventoryTexts } from '../../src/cli/inventory-texts.ts';
import type { World } from '../../src/cli/world.ts';
import { runProgram } from '../../src/transport/run-program.ts';

const directory = mkdtempSync(join(tmpdir(), 'synaudit-texts-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const written = (name: string, text: string, mode = 0o644): string => {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  // The umask has no say here.
  chmodSync(path, mode);
  return path;
};

function reading(path: string, { mayRun = true } = {}) {
  const told: string[] = [];
  const world = {
    env: process.env,
    home: directory,
    stderr: { write: (text: string) => told.push(text) },
  } as unknown as World;
  return { told, texts: inventoryTexts(path, { mayRun }, world) };
}

describe('an executable inventory', () => {
  it('is run with --list, and shows what it says on stderr', async () => {
    const path = written(
      'run',
      '#!/bin/sh\necho "warn\x1b[31m" >&2\necho \'{"_meta": {"hostvars": {}}, "g": ["a"]}\'\n',
      0o755,
    );
    const { texts, told } = reading(path);
    expect((await texts).map(({ text }) => JSON.parse(text).g)).toEqual([['a']]);
    expect(told).toEqual([`${path}: warn\n`]);
  });

  it('is asked for each host where it gives no _meta', async () => {
    const path = written(
      'per-host',
      '#!/bin/sh\n[ "$1" = --list ] && echo \'{"g": {"hosts": ["a", "-x"]}}\' || echo "{\\"n\\": \\"$2\\"}"\n',
      0o755,
    );
    const [only] = await reading(path).texts;
    expect(JSON.parse(only?.text ?? '')._meta.hostvars).toEqual({ a: { n: 'a' } });
  });

  it.each([
    ['not executable', 0o644, true],
    ['not named with -i', 0o755, false],
  ])('is only read where it is %s', async (_, mode, mayRun) => {
    const path = written('read', `#!/bin/sh\ntouch ${directory}/was-run\n`, mode);
    expect((await reading(path, { mayRun }).texts)[0]?.text).toContain('was-run');
    expect(() => readFileSync(join(directory, 'was-run'))).toThrow('ENOENT');
  });

  it.each([
    [
      'everybody may write',
      '#!/bin/sh\necho {}\n',
      0o777,
      /is a program that everybody may write \(mode 777\): it is not run; chmod o-w$/,
    ],
    ['fails', '#!/bin/sh\nexit 3\n', 0o755, /--list: exit code 3$/],
    ['prints no JSON', '#!/bin/sh\necho web1\n', 0o755, /--list printed no JSON mapping of groups$/],
    ['prints without end', '#!/bin/sh\nexec yes\n', 0o755, /--list: it printed more than 16 MiB$/],
  ])('that %s is refused', async (name, text, mode, message) => {
    await expect(reading(written(`bad ${name}`, text, mode)).texts).rejects.toThrow(message);
  });

  it('ends in time, with all that it has started', async () => {
    const path = written('slow', '#!/bin/sh\nsleep 60 & echo $!\nwait\n', 0o755);
    const end = await runProgram({ path, args: [], env: process.env, deadlineMs: 300, maxBytes: 1_000 });
    expect(end).toEqual({ problem: 'it did not end within 0.3 s', stderr: '' });
  });
});

describe('what -i names', () => {
  it('may be hosts with commas between them', async () => {
    expect(await reading('web1, web[2-3],').texts).toEqual([{ file: '<inventory>', text: 'web1\nweb[2-3]\n' }]);
  });

  it('may be a directory: its files in order, those beside them, and nothing that is run', async () => {
    written('dir/20-b', '[b]\nb1\n');
    written('dir/10-a', '[a]\na1\n', 0o755);
    written('dir/30-only-comments', '# nothing\n');
    for (const name of ['x.md', 'x.ini', '.hidden', 'x~']) written(`dir/${name}`, 'x: [broken\n');
    written('dir/group_vars/a.yml', 'x: 1\n');
    written('dir/group_vars/a', 'x: 2\n');
    written('dir/host_vars/b1/one.yml', 'x: 3\n');
    written('dir/host_vars/b1/two.txt', 'x: 4\n');
    const texts = await reading(join(directory, 'dir')).texts;
    expect(texts.map(({ file, variablesOf }) => [file.slice(directory.length + 5), variablesOf?.name])).toEqual([
      ['10-a', undefined],
      ['20-b', undefined],
      ['group_vars/a', 'a'],
      ['host_vars/b1/one.yml', 'b1'],
    ]);
  });

  it('that is an empty directory, or missing, is refused', async () => {
    mkdirSync(join(directory, 'empty'));
    await expect(reading(join(directory, 'empty')).texts).rejects.toThrow('no inventory is in this directory');
    await expect(reading(join(directory, 'missing')).texts).rejects.toThrow('no such file');
  });
});
