import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, checkout } from './built-program.ts';

/** The program as people start it: built, in a process of its own. */
let root = '';
let bin = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'synaudit-built-'));
  bin = buildProgram(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ownStore = (name: string) => ({ ...process.env, HOME: root, XDG_STATE_HOME: join(root, name) });

const run = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: ownStore('state') });

test('exit codes and streams of the process', () => {
  expect(run('--version')).toMatchObject({ status: 0, stderr: '' });
  expect(run('audti')).toMatchObject({ status: 2, stdout: '' });
  expect(run('report')).toMatchObject({ status: 2, stdout: '' });
});

test('help loads the parser of the command line and nothing else', () => {
  const { stderr, status } = spawnSync(process.execPath, ['--import', trace(), bin, 'audit', '--help'], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const loaded = [...stderr.matchAll(/^loaded file:.*\/(.+)$/gm)].map(([, name]) => name);
  expect(loaded).toEqual(['synaudit.js', 'main.js']);
  // what visits hosts is in other files
  expect(readFileSync(join(root, 'dist/cli/main.js'), 'utf8')).not.toMatch(/from ["'](ssh2|ink|react)["']/);
});

/** A module hook that tells on stderr what is loaded. */
function trace(): string {
  const hooks =
    'import { writeSync } from "node:fs";' +
    'export async function load(url, context, next) { writeSync(2, "loaded " + url + "\\n"); return next(url, context); }';
  const register = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;
  return `data:text/javascript,${encodeURIComponent(register)}`;
}

test('a reader that closes early is no failure', async () => {
  const child = spawn(process.execPath, [bin, 'collector'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.stdout.destroy());
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const code = await new Promise(resolve => child.on('close', resolve));
  expect([code, stderr]).toEqual([0, '']);
});

test('one that was never there neither, whatever the run found', async () => {
  const argv = [bin, 'audit', '127.0.0.1:1', '--ssh-config', 'none'];
  const child = spawn(process.execPath, argv, { env: ownStore('closed'), stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.destroy();
  expect(await new Promise(resolve => child.on('close', resolve))).toBe(0);
  expect(run(...argv.slice(1)).status).toBe(3);
});

test.each([['rules', 'list'], ['collector']])('a disk that is full is told, and no success: %s %s', (...argv) => {
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(process.execPath, [bin, ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    expect([status, stderr]).toEqual([4, 'synaudit: could not write to stdout: no space left on the disk\n']);
  } finally {
    closeSync(full);
  }
});

test('so is one that takes a part of what is written', { skip: process.getuid?.() !== 0 }, () => {
  const small = join(root, 'small');
  mkdirSync(small);
  // a mount namespace of its own, which goes with it
  const script = 'mount -t tmpfs -o size=4k none "$1" && exec "$2" "$3" collector > "$1/collector.sh"';
  const argv = ['-m', 'sh', '-c', script, 'sh', small, process.execPath, bin];
  const { status, stderr } = spawnSync('unshare', argv, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([4, 'synaudit: could not write to stdout: no space left on the disk\n']);
});

test('a user id without a name or a home, as in containers, is no hindrance', {
  skip: process.getuid?.() !== 0,
}, () => {
  const { HOME: _, XDG_STATE_HOME: __, USER: ___, ...env } = process.env;
  const argv = ['--reuid', '54321', '--regid', '54321', '--clear-groups', process.execPath, bin, 'rules', 'list'];
  chmodSync(root, 0o755);
  expect(spawnSync('setpriv', argv, { encoding: 'utf8', env })).toMatchObject({ status: 0, stderr: '' });
});

test('what cannot be read of the store is named, and no bug of ours', () => {
  const { status, stderr } = spawnSync(process.execPath, [bin, 'runs', 'list'], {
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: bin },
  });
  expect([status, stderr]).toEqual([4, `synaudit: ${bin}/synaudit/runs: a part of the path is no directory\n`]);
});

test('a run that fails at its beginning leaves no unfinished file', () => {
  const directory = join(root, 'unfinished');
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'i.yaml'),
    'version: 1\ngroups: { web: { hosts: [a], rules: { tw-recycle: { nothing: 1 } } } }\n',
  );
  const { status } = run('audit', '-i', join(directory, 'i.yaml'), '-o', join(directory, 'run.json'));
  expect([status, readdirSync(directory)]).toEqual([2, ['i.yaml']]);
});

test('without dist/ it says in one line how to build', () => {
  const bare = mkdtempSync(join(tmpdir(), 'synaudit-bare-'));
  try {
    cpSync(join(checkout, 'bin'), join(bare, 'bin'), { recursive: true });
    copyFileSync(join(checkout, 'package.json'), join(bare, 'package.json'));
    const { status, stderr } = spawnSync(process.execPath, [join(bare, 'bin/synaudit.js'), '--help'], {
      encoding: 'utf8',
    });
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([4, 1]);
    expect(stderr).toContain('npm run build');
  } finally {
    rmSync(bare, { recursive: true, force: true });
  }
});

test('Ctrl-C at once and again ends a run that waits, with 130, and what was stored can be shown', async () => {
  const child = spawn(process.execPath, [bin, 'demo', '--hosts', '12', '--interval', '30'], {
    env: ownStore('interrupted'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', chunk => {
    text.stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    text.stderr += chunk;
    if (text.stderr.includes('Ctrl-C again')) child.kill('SIGINT');
  });
  // It is at work when its run is in the store.
  const runs = join(root, 'interrupted/synaudit/runs');
  await expect.poll(() => existsSync(runs) && readdirSync(runs).length, { timeout: 15_000 }).toBe(1);
  setTimeout(() => child.kill('SIGINT'), 500);
  const code = await new Promise(resolve => child.on('close', resolve));
  expect(text.stderr).toContain('finishing what is open');
  expect(code).toBe(130);
  expect(text.stdout).toContain('interrupted');
  const { status } = spawnSync(process.execPath, [bin, 'report', '-f', 'ndjson'], {
    encoding: 'utf8',
    env: ownStore('interrupted'),
  });
  expect(status).toBe(130);
});
