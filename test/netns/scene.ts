/** A server with sshd and clients beside it, and an audit of that server while something goes wrong on it. */
import { onTestFinished } from 'vitest';
import type { CounterSource } from '../../src/model/snapshot.ts';
import { type Host, link, startHost } from './host.ts';
import { connectFrom, type Tally, type Traffic, until } from './traffic.ts';
import { type Audited, audit, type Door, type Login, startSshdInside } from './visit.ts';

/** Address of the server in every scene; each scene is a network of its own. */
export const serverAddress = '10.77.0.1';
/** Address of the host beside it. */
export const clientAddress = '10.77.0.2';

export interface Scene {
  /** The host that is audited. */
  readonly server: Host;
  readonly door: Door;
  /** Where clients run, and the audit too. */
  readonly client: Host;
}

/** Starts a host that ends with the test. */
export async function aHost(network: 'own' | 'machine' = 'own'): Promise<Host> {
  const host = await startHost({ network });
  onTestFinished(host.close);
  return host;
}

/** A server whose eth0 is linked to the client's eth0. */
export async function aScene(login: Login): Promise<Scene> {
  const [server, client] = [await aHost(), await aHost()];
  link(
    { host: server, device: 'eth0', address: `${serverAddress}/24` },
    { host: client, device: 'eth0', address: `${clientAddress}/24` },
  );
  const door = { address: serverAddress, port: 22 };
  await startSshdInside(server, door, login);
  return { server, door, client };
}

/** The counter that proves a fault. */
export type Proof = readonly [CounterSource, string];

/** A TcpExt counter as proof. */
export const ofTcp = (name: string): Proof => ['proc/net/netstat', `TcpExt.${name}`];

export interface Seen extends Audited {
  /** How far the proof rose while the audit ran, read past the program under test. */
  readonly made: number;
  /** How each client fared, in the order of the traffic. */
  readonly tallies: readonly Tally[];
}

/** Lets clients connect, waits until the proof rises, audits, and ends the clients. */
export async function auditDuring(
  { server, door, client }: Scene,
  login: Login,
  { traffic, proof: [source, field], from = client }: { traffic: readonly Traffic[]; proof: Proof; from?: Host },
): Promise<Seen> {
  const proof = (): number => server.counter(source, field);
  const start = proof();
  const going = await Promise.all(traffic.map(one => connectFrom(from, one)));
  await until(`${field} rises`, () => proof() > start);
  const before = proof();
  const audited = await audit(client, door, login);
  const made = proof() - before;
  return { ...audited, made, tallies: await Promise.all(going.map(({ stop }) => stop())) };
}
