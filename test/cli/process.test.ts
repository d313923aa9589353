import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

const run = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, HOME: root, XDG_STATE_HOME: join(root, 'state') },
  });

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
    env: { ...process.env, HOME: root, XDG_STATE_HOME: join(root, 'interrupted') },
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
  const env = { ...process.env, HOME: root, XDG_STATE_HOME: join(root, 'interrupted') };
  const { status } = spawnSync(process.execPath, [bin, 'report', '-f', 'ndjson'], { encoding: 'utf8', env });
  expect(status).toBe(130);
});
