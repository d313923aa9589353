import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { documentOf, standings, twoHosts, whenSaid } from '../netns/rollouts.ts';

// Namespaces are root's.
describe.skipIf(process.getuid?.() !== 0)('a rollout that is held up', () => {
  const { host, slow, values, isPristine, rollOut } = twoHosts();

  test('a read-only /etc: nothing is changed there, and the log says why', async () => {
    host(0).sh('mount -o remount,ro /etc');
    const done = await rollOut();
    host(0).sh('mount -o remount,rw /etc');
    expect(documentOf(done).hosts[0]).toMatchObject({ standing: 'refused', because: expect.stringContaining('/etc') });
    expect([done.exitCode, standings(done)[1]]).toEqual([3, 'h2 verified']);
    expect([values(), isPristine(0)]).toEqual([['512', '4096'], true]);
  });

  test('a gate that fails at batch 2 rolls back that batch alone', async () => {
    // somebody undoes the change behind the script's back
    const meddle = whenSaid('h2: apply: done', () => void host(1).sh('sysctl -qw net.core.somaxconn=512'));
    const failed = await rollOut([], { onStderr: meddle });
    expect([failed.exitCode, standings(failed)]).toEqual([1, ['h1 verified', 'h2 rolled-back']]);
    expect(documentOf(failed).gates.map(({ batch, passed }) => [batch, passed])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect([values(), isPristine(1)]).toEqual([['4096', '512'], true]);
  });

  test('a second rollout of the plan at the same time is refused', async () => {
    slow(0.3);
    const first = rollOut();
    await delay(1_500);
    const second = await rollOut();
    expect(second).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is at work: process') });
    expect((await first).exitCode).toBe(0);
  });

  test('sudo is denied: nothing is changed, and the log says why; where it is allowed, the host is changed', async () => {
    const account = 'deploy:x:4711:4711::/:/bin/sh';
    const commands = ['ALL', '/bin/true'];
    for (const [n, command] of commands.entries()) {
      host(n).sh(`echo ${account} >>/etc/passwd; echo 'deploy:*:19000:0:99999:7:::' >>/etc/shadow`);
      host(n).sh(
        `echo 'deploy ALL=(root) NOPASSWD: ${command}' >/etc/sudoers.d/deploy; chmod 440 /etc/sudoers.d/deploy`,
      );
    }
    const plain = await rollOut(['--user', 'deploy']);
    expect(plain.exitCode).toBe(3);
    expect(documentOf(plain).hosts[0]).toMatchObject({
      standing: 'not-reached',
      because: expect.stringMatching(/deploy is not root, and sudo is not asked for; .*--sudo/),
    });
    const done = await rollOut(['--user', 'deploy', '--sudo']);
    expect([done.exitCode, standings(done)]).toEqual([3, ['h1 verified', 'h2 not-reached']]);
    expect(documentOf(done).hosts[1]?.because).toContain('sudo');
    expect(values()).toEqual(['4096', '512']);
  });

  test('--probe: connections that fail more often after the change fail the gate', async () => {
    const serve = 'require("net").createServer(s => s.end()).listen(8080, () => console.log("ready"))';
    await host(0).host.start([process.execPath, '-e', serve], /^ready$/m);
    let isDropping = false;
    const drop = (text: string): void => {
      if (isDropping || !text.includes('h1: apply: done')) return;
      isDropping = true;
      // by the client's port, so that a SYN that is sent again is dropped again
      host(0).host.filter(
        'chain input { type filter hook input priority 0; tcp dport 8080 jhash tcp sport mod 2 0 drop; }',
      );
    };
    const failed = await rollOut(['-l', 'h1', '--probe'], { onStderr: drop });
    expect([failed.exitCode, standings(failed)]).toEqual([1, ['h1 rolled-back']]);
    expect(documentOf(failed).hosts[0]?.health.before?.probe).toEqual({ attempts: 60, failed: 0 });
    expect(documentOf(failed).gates[0]?.because[0]).toMatch(
      /^h1: Connections to its services fail more often: \d+ of 60, before 0 of 60\.$/,
    );
    expect(values()).toEqual(['512', '512']);
  });
});
