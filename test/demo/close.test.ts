import { access, readdir, readlink, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { collectorScript } from '../../src/collect/script.ts';
import { startFleet } from '../../src/demo/fleet.ts';
import { hostsOf, type Place, ssh } from './openssh.ts';

const boundary = '0123456789abcdef0123456789abcdef';

describe('close', () => {
  test('leaves no socket, no file and no process', async () => {
    const short = await startFleet({ hosts: 3, collector: collectorScript });
    const { mode } = await stat(short.directory);
    expect(mode & 0o777).toBe(0o700);
    const [place] = hostsOf(short.inventoryText);
    if (place === undefined) throw new Error('no host');
    const open = ssh({
      place,
      identityFile: short.identityFile,
      knownHostsFile: short.knownHostsFile,
      script: collectorScript({ boundary, intervalSeconds: 600, sockets: 'bounded' }),
    });
    await expect.poll(() => processesIn(short.directory), { timeout: 10_000 }).toBeGreaterThan(0);
    await short.close();
    await short.close();
    await open;
    await expect(access(short.directory)).rejects.toThrow('ENOENT');
    await expect.poll(() => processesIn(short.directory), { timeout: 5_000 }).toBe(0);
    await expect(refused(place)).resolves.toBe('ECONNREFUSED');
  });

  test('is what the signal does', async () => {
    const stop = new AbortController();
    const short = await startFleet({ hosts: 1, collector: collectorScript, signal: stop.signal });
    stop.abort();
    await short.close();
    await expect(access(short.directory)).rejects.toThrow('ENOENT');
  });
});

/** Processes whose working directory is below `directory`. */
async function processesIn(directory: string): Promise<number> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const cwds = await Promise.all(pids.map(pid => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return cwds.filter(cwd => cwd.startsWith(directory)).length;
}

const refused = (place: Place): Promise<string> =>
  new Promise(resolve => {
    const socket = connect(place.port, place.address);
    socket.on('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
