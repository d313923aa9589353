import { describe, expect, test } from 'vitest';
import { documentOf, standings, twoHosts, whenSaid } from '../netns/rollouts.ts';

// Namespaces are root's.
describe.skipIf(process.getuid?.() !== 0)('a rollout that is disturbed', () => {
  const { host, write, slow, values, rollOut, resume, amid } = twoHosts();

  test('the session is cut in the middle of --apply: the host is asked, and its change is finished', async () => {
    slow(0.5);
    const cut = amid(0, ({ sh }) => void sh('for s in $(pgrep -f "[s]shd: root@notty"); do kill -9 $s; done'));
    const done = await rollOut(['-l', 'h1'], { onStderr: cut });
    expect(done.stderr).toContain('h1: apply: lost');
    expect([done.exitCode, standings(done)]).toEqual([0, ['h1 verified']]);
  });

  test("the host's shell is killed in the middle of --apply: it is applied again", async () => {
    slow(0.5);
    const strike = amid(0, ({ sh }) => void sh('pkill -9 -f "[s]h -s -- --apply"'));
    const done = await rollOut(['-l', 'h1'], { onStderr: strike });
    expect(done.stderr).toContain('h1: apply: lost');
    expect(done.stderr.split('h1: apply is sent')).toHaveLength(3);
    expect([done.exitCode, standings(done)]).toEqual([0, ['h1 verified']]);
  });

  test('the host goes down in the middle of --apply and boots again: it is asked as soon as it answers', async () => {
    slow(0.5);
    const reboot = amid(0, ({ sh, host: { run } }) => {
      sh('pkill -9 -f "[s]h -s -- --apply"; for s in $(pgrep -f "[s]shd: root@notty"); do kill -9 $s; done');
      run(['ip', 'link', 'set', 'eth0', 'down']);
      // another boot: locks of this one hold no more, and values are those of the files
      sh(
        'echo another >/var/lib/boot_id && mount --bind /var/lib/boot_id /proc/sys/kernel/random/boot_id; sysctl -q --system',
      );
      setTimeout(() => run(['ip', 'link', 'set', 'eth0', 'up']), 3_000);
    });
    const done = await rollOut(['-l', 'h1'], { onStderr: reboot });
    expect(done.stderr).toContain('h1: apply: lost');
    expect([done.exitCode, standings(done)]).toEqual([0, ['h1 verified']]);
    host(0).sh('umount /proc/sys/kernel/random/boot_id');
  });

  test('a host that does not come back is unknown, the batch fails, and --resume asks it first', async () => {
    slow(0.5);
    const vanish = amid(1, ({ host: { run } }) => void run(['ip', 'link', 'set', 'eth0', 'down']));
    const impatient = write('ssh_config', 'Host *\n  ServerAliveInterval 1\n  ServerAliveCountMax 2\n');
    const failed = await rollOut(['--wait', '3s', '--ssh-config', impatient], { onStderr: vanish });
    host(1).host.run(['ip', 'link', 'set', 'eth0', 'up']);
    expect([failed.exitCode, standings(failed)]).toEqual([1, ['h1 verified', 'h2 unknown']]);
    slow(0);
    const resumed = await resume();
    expect([resumed.exitCode, standings(resumed)]).toEqual([1, ['h1 verified', 'h2 rolled-back']]);
    expect(values()).toEqual(['4096', '512']);
  });

  test('Ctrl-C: the open host is finished, nothing more is begun, --resume goes on', async () => {
    slow(0.3);
    const stopped = await rollOut([], { onStderr: whenSaid('h1: apply is sent', kill => kill('SIGINT')) });
    expect([stopped.exitCode, standings(stopped)]).toEqual([130, ['h1 verified', 'h2 waiting']]);
    expect(documentOf(stopped).rollout.outcome).toBe('interrupted');
    slow(0);
    expect(standings(await resume())).toEqual(['h1 verified', 'h2 verified']);
  });

  test('a second Ctrl-C ends it at once, and what is not known is said', async () => {
    slow(1);
    let stop = (): void => {};
    const first = whenSaid('h1: apply is sent', kill => {
      kill('SIGINT');
      stop = () => kill('SIGINT');
    });
    const second = amid(0, () => stop());
    const stopped = await rollOut([], {
      onStderr: (text, kill) => {
        first(text, kill);
        second(text, kill);
      },
    });
    expect([stopped.exitCode, standings(stopped)]).toEqual([130, ['h1 unknown', 'h2 waiting']]);
    slow(0);
    expect(standings(await resume())).toEqual(['h1 verified', 'h2 verified']);
  });
});
