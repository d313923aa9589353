import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../bin/synaudit.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly seconds: number;
}

let state: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'synaudit-test-'));
});
afterAll(() => rm(state, { recursive: true, force: true }));

/** Runs the built program as a user would; `onOutput` may stop it. */
function synaudit(args: readonly string[], onOutput?: (out: string, stop: () => void) => void): Promise<Ended> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, XDG_STATE_HOME: state, TMPDIR: state },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => {
      out += chunk;
      onOutput?.(out, () => child.kill('SIGINT'));
    });
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, err, seconds: (performance.now() - began) / 1000 }));
  });
}

const leftovers = async (): Promise<string[]> =>
  (await readdir(state)).filter(name => name.startsWith('synaudit-demo-'));

/** The outcomes that the roster has in it, whatever its size. */
const faults = { unreachable: 1, 'hostkey-rejected': 1, 'timed-out': 1 };

describe('synaudit demo', () => {
  test('shows every kind within seconds and leaves nothing', async () => {
    const { code, out, err, seconds } = await synaudit(['demo']);
    expect(err).not.toContain('Error');
    expect(code).toBe(0);
    for (const words of ['firing', 'fired', 'exposed', 'latent', 'inert', 'tw-recycle-persisted'])
      expect(out).toContain(words);
    for (const words of ['web[01-09]', 'unreachable', 'hostkey-rejected', 'timed-out', 'Next'])
      expect(out).toContain(words);
    expect(seconds).toBeLessThan(20);
    expect(await leftovers()).toEqual([]);
  });

  test('an explicit --fail-on restores the exit code of audit', async () => {
    expect((await synaudit(['demo', '--fail-on', 'high'])).code).toBe(1);
  });

  test('audits 2,000 hosts, all of them but for the faults', async () => {
    const { code, out } = await synaudit(['demo', '--hosts', '2000', '-f', 'json']);
    expect(code).toBe(0);
    const { summary } = JSON.parse(out);
    expect(summary.hosts).toEqual({ total: 2000, audited: 1997, ...faults });
  }, 120_000);

  test('--serve prints a command that works from another shell', async () => {
    let audit: Promise<Ended> | undefined;
    const served = await synaudit(['demo', '--serve', '--hosts', '12'], (out, stop) => {
      const [, args] = /^\s+synaudit (audit .*)$/m.exec(out) ?? [];
      if (args === undefined || audit !== undefined) return;
      audit = synaudit([...args.split(' '), '--interval', '0', '-f', 'json', '--limit', 'web*']).finally(stop);
    });
    expect(served.out).toContain('12 hosts listen');
    const { code, out, err } = (await audit) ?? { code: null, out: '', err: 'no audit' };
    expect(err).not.toContain('Error');
    expect(code).toBe(1);
    expect(JSON.parse(out).summary.hosts).toEqual({ total: 1, audited: 1 });
    expect(await leftovers()).toEqual([]);
  });
}, 60_000);
