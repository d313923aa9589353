import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { standings, twoHosts, whenSaid } from '../netns/rollouts.ts';

// Namespaces are root's.
describe.skipIf(process.getuid?.() !== 0)('a rollout whose program is killed', () => {
  const { slow, values, directory, rollOut, resume } = twoHosts();

  const newestLog = (): string => {
    const logs = join(directory(), 'state/synaudit/rollouts');
    const names = readdirSync(logs).filter(name => name.endsWith('.ndjson'));
    return join(logs, names.sort().at(-1) ?? '');
  };

  test.each([
    'batch 1 (canary): h1',
    'h1: check: would-change',
    'h1: apply is sent',
    'h1: apply: done',
    'h1: verify: done',
    'gate of batch 1 passed',
    'h2: apply is sent',
  ])('at "%s": --resume ends what was begun', async text => {
    if (text.includes('sent')) slow(0.4); // the script is at work when the program dies
    const died = await rollOut([], { onStderr: whenSaid(text, kill => kill('SIGKILL')) });
    expect(died.exitCode).toBe(null);
    const log = newestLog();
    if (text.includes('apply'))
      expect(await rollOut()).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('--resume goes on with it'),
      });
    const resumed = await resume();
    expect([resumed.exitCode, standings(resumed)]).toEqual([0, ['h1 verified', 'h2 verified']]);
    expect(values()).toEqual(['4096', '4096']);
    // who went on stands in the same log
    expect(readFileSync(log, 'utf8')).toContain('"type":"resume"');
  });
});
