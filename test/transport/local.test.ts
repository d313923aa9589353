import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createLocalTransport } from '../../src/transport/local.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';

const transport = createLocalTransport();
const plan = planOf({ address: 'localhost', port: 22 }, { transport: 'local', host: 'localhost' });

describe('a visit to this machine', () => {
  test('brings back output, standard error and exit status', async () => {
    const visit = await visitWith(transport, plan, 'echo out; echo err >&2');
    expect(visit).toMatchObject({ ok: true, stderr: 'err\n', exitCode: 0 });
    expect(visit.ok && visit.output.toString()).toMatch(/^out\n#end /);
  });

  test('hands the root prefix to the script as its first argument, whatever is in it', async () => {
    const root = "/tmp/a b'$(x)";
    const visit = await transport.visit(plan, requestOf('printf "%s\\n" "$1"', { root }), watchOf());
    expect(visit.ok && visit.output.toString().split('\n')[0]).toBe(root);
  });

  test('a deadline ends the whole process group', async () => {
    const deadlines = { ...plan.deadlines, execMs: 300 };
    const mark = `98.${process.pid}`;
    expect(failureOf(await visitWith(transport, { ...plan, deadlines }, `sleep ${mark} & sleep ${mark}`))).toBe(
      'timed-out/exec/exec-timeout',
    );
    await new Promise(resolve => setTimeout(resolve, 100));
    const running = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(running).toContain('ps -eo');
    expect(running).not.toContain(`sleep ${mark}`);
  });

  test('an interruption, and output without end', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const interrupted = await transport.visit(plan, requestOf('sleep 30'), watchOf({ signal: controller.signal }));
    expect(failureOf(interrupted)).toBe('interrupted/exec/interrupted');
    const endless = await transport.visit(
      plan,
      requestOf('while :; do echo y; done', { maxOutputBytes: 10_000 }),
      watchOf(),
    );
    expect(failureOf(endless)).toBe('failed/exec/output-too-large');
  });
});
