import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectorScript, endMarker } from '../../src/collect/script.ts';
import { listenOnPorts } from '../../src/demo/addresses.ts';
import { type Fleet, startFleet } from '../../src/demo/fleet.ts';
import { findBusybox } from '../../src/demo/shell.ts';
import { hostsOf, type Place } from './openssh.ts';

/** Beyond 50, where one host of each kind really runs the collector and the others repeat its words. */
const hosts = 60;
let fleet: Fleet;
let places: Place[];
beforeAll(async () => {
  fleet = await startFleet({ hosts, collector: collectorScript, isFaulty: false });
  places = hostsOf(fleet.inventoryText);
});
afterAll(() => fleet?.close());

interface Heard {
  readonly output: string;
  /** From the first byte to the end. Unit: ms. */
  readonly lasted: number;
}

function visit({ address, port }: Place, script: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.exec('sh -s', (error, stream) => {
        if (error) return reject(error);
        let output = '';
        let began = 0;
        stream.on('data', (chunk: Buffer) => {
          began ||= performance.now();
          output += chunk.toString('latin1');
        });
        stream.stderr.resume();
        stream.on('close', () => {
          client.end();
          resolve({ output, lasted: performance.now() - began });
        });
        stream.end(script);
      });
    });
    const privateKey = readFileSync(fleet.identityFile);
    client.connect({ host: address, port, username: 'audit', privateKey }).setNoDelay(true);
  });
}

describe('replay', () => {
  test('gives each host the words of its kind, with the boundary and the interval that it was asked for', async () => {
    const boundaries = places.map((_, index) => index.toString(16).padStart(32, 'c'));
    const heard = await Promise.all(
      places.map((place, index) =>
        visit(place, collectorScript({ boundary: boundaries[index] ?? '', intervalSeconds: 1, sockets: 'bounded' })),
      ),
    );
    const wordsOf = new Map<string, Set<string>>();
    for (const [index, { output, lasted }] of heard.entries()) {
      const boundary = boundaries[index] ?? '';
      expect(output.startsWith(`synaudit-collector/1 ${boundary}\n`)).toBe(true);
      expect(output.endsWith(`\n${endMarker(boundary)}\n`)).toBe(true);
      expect(new Set(output.match(/[0-9a-f]{32}/g)?.filter(word => word.startsWith('cc'))).size).toBe(1);
      expect(lasted).toBeGreaterThan(800);
      const group = places[index]?.name.replace(/\d+/, '') ?? '';
      const words = wordsOf.get(group) ?? new Set();
      wordsOf.set(group, words.add(output.replaceAll(boundary, '')));
    }
    expect(heard).toHaveLength(hosts);
    // All of one kind say the same; web and db hosts are of two kinds each.
    const proxy = (await findBusybox()) === undefined ? {} : { proxy: 1 };
    expect(Object.fromEntries([...wordsOf].map(([group, words]) => [group, words.size]))).toEqual({
      ...{ web: 2, api: 1, db: 2, pay: 1, edge: 1, old: 1, batch: 1, lab: 1, cache: 1, shop: 1 },
      ...proxy,
    });
  });
});

test('without addresses of their own, hosts get ports of their own on 127.0.0.1', async () => {
  const servers = [createServer(), undefined, createServer()];
  const endpoints = await listenOnPorts(servers);
  expect(endpoints.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  expect(new Set(endpoints.map(({ port }) => port)).size).toBe(3);
  await Promise.all(servers.map(server => server && new Promise(resolve => server.close(resolve))));
});
