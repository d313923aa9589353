import { readFileSync } from 'node:fs';
import ssh2, { type AuthContext, type KeyboardAuthContext, type PasswordAuthContext } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseIdentities } from '../../src/transport/agent.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import fc from '../fast-check.ts';
import { startAgent } from '../ssh/agent.ts';
import { freePort } from '../ssh/server-process.ts';
import { failureOf, planOf, visitWith } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
let key: KeyPair;
let hostKey: KeyPair;
beforeAll(() => {
  key = workshop.makeKey('id');
  hostKey = workshop.makeKey('host');
});
afterAll(() => workshop.close());

/** sshd without PAM has no second factors: an ssh2 server whose answers are the test's. */
async function startServer(
  decide: (context: AuthContext) => void,
): Promise<{ readonly address: string; readonly port: number }> {
  const at = { address: '127.0.0.1', port: await freePort('127.0.0.1') };
  const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey.path)] }, client => {
    client.on('error', () => {}).on('authentication', decide);
    client.on('session', accept => {
      accept().on('exec', acceptExec => {
        const stream = acceptExec();
        stream.resume();
        stream.end('welcome\n');
      });
    });
  });
  workshop.onClose(() => new Promise(resolve => server.close(() => resolve())));
  await new Promise<void>(resolve => server.listen(at.port, at.address, resolve));
  return at;
}

const isPassword = (context: AuthContext): context is PasswordAuthContext => context.method === 'password';
const isKeyboard = (context: AuthContext): context is KeyboardAuthContext => context.method === 'keyboard-interactive';

describe('a second factor', () => {
  /** A key, then a code. */
  const keyThenCode = (): Promise<{ readonly address: string; readonly port: number }> => {
    let first = false;
    return startServer(context => {
      if (context.method === 'publickey') {
        // Without a signature it is a question whether the key would do.
        if (context.signature === undefined) context.accept();
        else {
          first = true;
          context.reject(['keyboard-interactive'], true);
        }
      } else if (first && isKeyboard(context)) {
        context.prompt(
          [
            { prompt: 'Password: ', echo: false },
            { prompt: 'Code: ', echo: true },
          ],
          answers => (answers.join('/') === 's3cret/4711' ? context.accept() : context.reject([])),
        );
      } else context.reject([first ? 'keyboard-interactive' : 'publickey']);
    });
  };

  test.each(['file', 'agent'])('after a key of a %s', async where => {
    const server = await keyThenCode();
    const asked: string[] = [];
    const ask = async (prompt: string): Promise<string> => {
      asked.push(prompt);
      return '4711';
    };
    const transport = createSsh2Transport({ secrets: { ask, passwordLogin: true, password: 's3cret' } });
    const plan = planOf(
      server,
      where === 'file' ? { identityFiles: [key.path] } : { agentSocket: await startAgent(workshop, [key]) },
    );
    expect(await visitWith(transport, plan)).toMatchObject({ ok: true, output: Buffer.from('welcome\n') });
    expect(asked).toEqual(['web01 asks: Code:  ']);
  });
});

describe('passwords', () => {
  const passwordOnly = () =>
    startServer(context =>
      isPassword(context) && context.password === 's3cret' ? context.accept() : context.reject(['password']),
    );

  test('are not tried unless asked for', async () => {
    const visit = await visitWith(
      createSsh2Transport({ secrets: { password: 's3cret' } }),
      planOf(await passwordOnly(), { identityFiles: [key.path] }),
    );
    expect(failureOf(visit)).toBe('auth-failed/auth/no-method-accepted');
    expect(visit).toMatchObject({ error: { message: expect.stringMatching(/the server offers password$/) } });
  });

  test('are asked for once for all hosts, and are in no message', async () => {
    let asked = 0;
    const ask = async (): Promise<string> => {
      asked += 1;
      return asked === 1 ? 's3cret' : 'never';
    };
    const transport = createSsh2Transport({ secrets: { ask, passwordLogin: true } });
    const [good, bad] = [await passwordOnly(), await startServer(context => context.reject(['password']))];
    const visit = (server: typeof good) => visitWith(transport, planOf(server));
    // Whichever host comes first tries the password alone, and keeps it from the others where it is wrong.
    const visits = [...(await Promise.all([visit(good), visit(good)])), await visit(bad)];
    expect(visits.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(asked).toBe(1);
    expect(JSON.stringify(visits)).not.toContain('s3cret');
  });
});

test('an agent may answer anything', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      const answer = Buffer.concat([Buffer.from([12, 0, 0, 0, 200]), bytes]);
      expect(parseIdentities(answer).every(({ blob }) => blob.length <= bytes.length)).toBe(true);
    }),
  );
});
