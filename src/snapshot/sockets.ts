import type { Frames } from '../collect/frames.ts';
import { absent, malformed, type NoReading, ok, type Reading } from '../model/reading.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { maxSocketsRead, type OwnConnection, parseSockets, type SocketsFrame } from '../sources/sockets.ts';
import { ParseError } from '../sources/source.ts';
import { canonicalAddress } from '../text/address.ts';

/** What a visit printed of sockets: those of the login's network namespace, or of another. */
export type SocketFrames = Pick<Frames, 'sockets' | 'bounded' | 'tables' | 'missing' | 'self'>;

/** The socket table and the remembered timestamps, or why there are none. Both come from one awk process. */
export function socketsOf(frames: SocketFrames): Pick<Snapshot, 'sockets' | 'tcpMetrics'> {
  const frame = socketsFrame(frames);
  return {
    sockets: frame.state === 'ok' ? tableOf(frames, frame.value) : frame,
    tcpMetrics: tcpMetricsOf(frames, frame),
  };
}

function socketsFrame({ sockets, missing, self, tables }: SocketFrames): Reading<SocketsFrame> {
  if (missing.has('awk')) return absent('command-missing', 'awk');
  if (sockets === null) return tableMissing(tables) ?? absent('not-collected');
  try {
    return ok(parseSockets(sockets, ownConnection(self)));
  } catch (error) {
    if (error instanceof ParseError) return malformed(error.message, error.line);
    throw error;
  }
}

/** `ss` alone is no socket table: without /proc/net/tcp nothing is known of the peers. */
function tableOf({ bounded, tables }: SocketFrames, { table }: SocketsFrame): Snapshot['sockets'] {
  if (bounded !== null) {
    return absent('not-collected', `${bounded} sockets, more than ${maxSocketsRead}; --sockets all reads them`);
  }
  return tableMissing(tables) ?? ok(table);
}

function tableMissing(tables: Frames['tables']): NoReading | undefined {
  const frame = tables.get('proc/net/tcp');
  if (frame?.status === 'absent') return absent('no-such-file');
  if (frame?.status === 'denied') return absent('not-permitted');
  if (frame?.status === 'malformed') return malformed(frame.why);
  return undefined;
}

function tcpMetricsOf({ missing }: SocketFrames, frame: Reading<SocketsFrame>): Snapshot['tcpMetrics'] {
  if (missing.has('ip')) return absent('command-missing', 'ip');
  if (frame.state !== 'ok') return frame.state === 'malformed' ? absent('not-collected') : frame;
  const { metrics, metricsError } = frame.value;
  if (metricsError === null) return ok(metrics);
  if (/not permitted|denied/i.test(metricsError)) return absent('not-permitted', 'ip tcp_metrics');
  return absent('command-missing', 'ip tcp_metrics');
}

/** `SSH_CONNECTION`, sshd(8): client address, client port, server address, server port. */
function ownConnection(self: string): OwnConnection | null {
  const [client, , , port] = self.split(' ');
  return client === undefined || port === undefined || !/^\d{1,5}$/.test(port)
    ? null
    : { address: canonicalAddress(client), port: Number(port) };
}
