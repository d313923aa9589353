import type { Facts } from '../../src/model/facts.ts';
import { type ExampleHost, exampleFacts } from '../../src/rules/example.ts';

export const recycle = 'net.ipv4.tcp_tw_recycle';
export const timestamps = 'net.ipv4.tcp_timestamps';

/** Facts of a host, for tables: `facts({ settings: { … }, counters: { 'TcpExt.PAWSPassive': [0, 5] } })`. */
export const facts = (host: ExampleHost): Facts => exampleFacts(host);
