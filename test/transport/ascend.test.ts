import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { NotRoot, shellCommand, wantsRoot, withoutRoot } from '../../src/transport/ascend.ts';
import { Refusal } from '../../src/transport/errors.ts';
import { createLocalTransport } from '../../src/transport/local.ts';
import { createAscent } from '../../src/transport/sudo.ts';
import { freshDirectory } from '../cli/call.ts';
import fc from '../fast-check.ts';
import { planOf, requestOf, watchOf } from '../ssh/visits.ts';

const plan = planOf({ address: '192.0.2.1', port: 22 }, { user: 'deploy' });

test('arguments of a script are plain words, and the shell gives them back', () => {
  expect(shellCommand({})).toBe('sh -s');
  expect(shellCommand({ args: ['--apply'] })).toBe('sh -s -- --apply');
  const words = fc.array(fc.stringMatching(/^[\w=./-]{1,12}$/), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(words, args => {
      const printed = execFileSync('sh', ['-c', shellCommand({ args })], {
        input: 'printf "%s\\n" "$@"',
        encoding: 'utf8',
      });
      expect(printed.split('\n').slice(0, -1)).toEqual(args);
    }),
    { numRuns: 20 },
  );
  fc.assert(
    fc.property(
      fc.string().filter(text => !/^[\w=./-]+$/.test(text)),
      word => {
        expect(() => shellCommand({ args: [word] })).toThrow('no argument');
      },
    ),
  );
});

test('a script that must be root’s is never run by the login', () => {
  expect(wantsRoot(plan, {})).toBe(false);
  expect(wantsRoot(plan, { rights: 'root' })).toBe(true);
  expect(wantsRoot({ ...plan, sudo: { account: 'deploy' } }, {})).toBe(true);
  expect(wantsRoot(plan, { rights: 'root', root: '/tree' })).toBe(false);
  const why = new NotRoot('sudo wants a password');
  expect(withoutRoot(why, plan, {})).toBe(why);
  const refusing = (): unknown => withoutRoot(why, plan, { rights: 'root' });
  expect(refusing).toThrow(Refusal);
  try {
    refusing();
  } catch (error) {
    expect((error as Refusal).error).toMatchObject({
      code: 'not-root',
      phase: 'exec',
      hint: expect.stringContaining('--sudo'),
    });
  }
  const other = new Error('something else');
  expect(() => withoutRoot(other, plan, {})).toThrow(other);
});

test('without sudo only a login that is root gets a shell, with its arguments', () => {
  const cues = { onPrompt: () => {}, onSecondPrompt: () => {}, onRoot: () => {} };
  const ascent = createAscent({ user: 'deploy', mayAnswer: true, maySudo: false, shell: 'sh -s -- --check' }, cues);
  expect(ascent.command).not.toContain('sudo');
  expect(ascent.whyNot(1)).toBe('deploy is not root, and sudo is not asked for');
  const isRoot = process.getuid?.() === 0;
  const run = (): string => execFileSync('sh', ['-c', ascent.command], { input: 'echo "got $1"', encoding: 'utf8' });
  if (isRoot) expect(run()).toMatch(/^\nsynaudit-[0-9a-f]{24}\ngot --check\n$/);
  else expect(run).toThrow();
});

const asRoot = process.getuid?.() === 0;
test.skipIf(!asRoot)(
  'this machine: a script for root gets its arguments, and is not killed when nobody waits for it',
  async () => {
    const directory = freshDirectory();
    const done = join(directory, 'done');
    const transport = createLocalTransport();
    const local = planOf({ address: 'localhost', port: 22 }, { transport: 'local' });
    const given = { args: ['--apply'], rights: 'root' } as const;
    const visit = await transport.visit(local, requestOf('echo "$(id -u) $1"', given), watchOf());
    expect(visit.ok && visit.output.toString()).toMatch(/^0 --apply\n/);
    const stop = new AbortController();
    const script = `trap '' HUP PIPE; main() { echo begun; sleep 0.4; echo lost; : >${done}; }; main`;
    const cut = transport.visit(local, requestOf(script, given), watchOf({ signal: stop.signal }));
    await delay(200);
    stop.abort();
    expect(await cut).toMatchObject({ ok: false, error: { outcome: 'interrupted' } });
    expect(existsSync(done)).toBe(false);
    await vi.waitFor(() => expect(existsSync(done)).toBe(true), { timeout: 3_000 });
  },
);
