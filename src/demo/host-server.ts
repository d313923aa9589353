import { createServer, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { acceptedScript } from './accepted-script.ts';
import type { Answer } from './answer.ts';
import { type KeyPair, showsKey } from './keys.ts';

/** What an SSH server of the fleet needs to know. */
export interface SshServerOptions {
  readonly hostKey: KeyPair;
  /** The only key that is let in. */
  readonly clientKey: KeyPair;
  /** Any text of `collectorScript` (collect/script.ts). */
  readonly collector: string;
  readonly answer: Answer;
}

/** The only user and the only command there are. */
export const demoUser = 'audit';
const command = 'sh -s';

/** Some forty times the collector's text. Unit: characters. */
const maxScript = 512 * 1024;
/** Time for the login and the script to come. Unit: ms. */
const orderMs = 30_000;
/** A connection is cut after this, whatever it does: longer than any deadline of a visit. Unit: ms. */
const connectionMs = 3_600_000;

/** One that every client of the last ten years knows, so that a login costs the least. Source: RFC 8731. */
const algorithms: ssh2.Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
};

/** Reads the whole script, then hands it to `answer` if it is the collector's and ends with code 126 if it is not. */
function takeOrder(channel: ssh2.ServerChannel, { collector, answer }: SshServerOptions): void {
  let text = '';
  let stop = (): void => undefined;
  const exit = (code: number | null): void => {
    clearTimeout(timer);
    if (channel.destroyed) return;
    if (code !== null) channel.exit(code);
    channel.end();
    channel.close();
  };
  const refuse = (why: string): void => {
    // a connection that was cut in the middle of the script ends it, too: then nobody listens any more
    if (!channel.destroyed && !channel.stderr.writableEnded) channel.stderr.write(`demo host: ${why}\n`);
    exit(126);
  };
  const timer = setTimeout(() => refuse('no script came'), orderMs);
  channel.setEncoding('utf8');
  channel.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > maxScript) refuse('the script is too long');
  });
  channel.on('end', () => {
    clearTimeout(timer);
    const options = acceptedScript(text, collector);
    if (options === undefined) return refuse('runs nothing but the collector of this version');
    stop = answer({ text, options }, { write: chunk => void (channel.destroyed || channel.write(chunk)), exit });
  });
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  channel.on('close', () => {
    clearTimeout(timer);
    stop();
  });
}

/** What ssh2 leaves without a listener it refuses: terminals, subsystems, forwarding, environment. */
function welcome(client: ssh2.Connection, options: SshServerOptions): void {
  client.on('error', () => undefined);
  client.on('authentication', attempt => {
    if (attempt.username === demoUser && showsKey(attempt, options.clientKey.parsed)) attempt.accept();
    else attempt.reject(['publickey']);
  });
  client.on('session', acceptSession => {
    acceptSession().on('exec', (accept, reject, { command: asked }) => {
      if (asked === command) takeOrder(accept(), options);
      else reject();
    });
  });
}

/** The listener of one host, and the connections it has. */
export interface HostServer {
  readonly listener: Server;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** An SSH server that runs the collector's text and nothing else. It listens nowhere: hosts pass their connections on. */
export const sshServer = (options: SshServerOptions): ssh2.Server =>
  new ssh2.Server({ hostKeys: [{ key: options.hostKey.parsed }], algorithms }, client => welcome(client, options));

/** A host before `server`, which hosts that are alike may share. The caller lets `listener` listen. */
export function hostServer(server: ssh2.Server): HostServer {
  const open = new Set<Socket>();
  // ssh2 never disables Nagle's algorithm, which costs a login 0.2 s; hence a listener of our own.
  const listener = createServer({ noDelay: true }, socket => {
    open.add(socket);
    const cut = setTimeout(() => socket.destroy(), connectionMs);
    socket.on('close', () => {
      clearTimeout(cut);
      open.delete(socket);
    });
    server.injectSocket(socket);
  });
  return {
    listener,
    close: () =>
      new Promise(resolve => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
