import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
let key: KeyPair;
let sshd: Sshd;

beforeAll(async () => {
  key = workshop.makeKey('id');
  sshd = await startSshd({ workshop, address: '127.61.0.1', authorized: [key.publicLine] });
});
afterAll(() => workshop.close());

describe('a visit to a real sshd', () => {
  test('brings back the output, the exit status and the times of the phases in order', async () => {
    const transport = createSsh2Transport();
    const phases: string[] = [];
    const plan = planOf(sshd, { identityFiles: [key.path] });
    const visit = await transport.visit(
      plan,
      requestOf('echo "$0"; echo oops >&2'),
      watchOf({ onPhase: phase => phases.push(phase) }),
    );
    await transport.close();
    expect(visit).toMatchObject({ ok: true, stderr: 'oops\n', exitCode: 0 });
    expect(visit.ok && visit.output.toString()).toMatch(/^sh\n#end /);
    expect(phases).toEqual(['connect', 'handshake', 'auth', 'exec']);
    const { connectMs = -1, handshakeMs = -1, authMs = -1, totalMs } = visit.timing;
    expect([connectMs, handshakeMs, authMs, totalMs]).toEqual(
      [connectMs, handshakeMs, authMs, totalMs].sort((a, b) => a - b),
    );
    expect(visit.notes).toEqual(['host key was not checked (--host-keys off)']);
  });
  test('x', async () => {
    const transport = createSsh2Transport();
    expect(failureOf(await visitWith(transport, planOf(sshd, {})))).toBe('');
  });
});
