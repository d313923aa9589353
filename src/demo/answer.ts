import type { ScriptOptions } from './accepted-script.ts';
import type { LiveTree } from './live-tree.ts';
import { runShell, type Shell } from './shell.ts';

/** A collector text that a host has accepted. */
export interface Order {
  readonly text: string;
  readonly options: ScriptOptions;
}

/** Where the answer to an order goes. */
export interface Reply {
  write(chunk: Buffer | string): void;
  /** Exit code of the command; null if it has none. */
  exit(code: number | null): void;
}

/** What a host does with an order. Returns what stops it: the client has gone, or the fleet closes. */
export type Answer = (order: Order, reply: Reply) => () => void;

/** Says nothing, for ever: what a host with a dead NFS mount does after login. */
export const silence: Answer = () => () => undefined;

/** Really runs the text with a shell over a tree whose counters move. */
export function runIt(shell: Shell, tree: LiveTree): Answer {
  return ({ text }, reply) => {
    let stop: (() => void) | undefined;
    let isStopped = false;
    const start = async (): Promise<void> => {
      const leave = await tree.open();
      if (isStopped) return leave();
      stop = runShell({
        shell,
        script: text,
        root: tree.root,
        onOutput: chunk => reply.write(chunk),
        onExit: code => {
          leave();
          reply.exit(code);
        },
      });
    };
    void start();
    return () => {
      isStopped = true;
      stop?.();
    };
  };
}

/** What one real run printed, in two parts: before and after its longest silence, which is the interval. */
interface Recording {
  readonly boundary: string;
  readonly first: string;
  readonly rest: string;
  readonly code: number | null;
}

interface Chunk {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Bytes are kept one to a character: a host may print anything. */
const joined = (chunks: readonly Chunk[]): string => Buffer.concat(chunks.map(chunk => chunk.bytes)).toString('latin1');

function afterLongestSilence(chunks: readonly Chunk[]): number {
  const gaps = chunks.map((chunk, index) => (index === 0 ? 0 : chunk.at - (chunks[index - 1]?.at ?? chunk.at)));
  return gaps.indexOf(Math.max(...gaps));
}

function record(order: Order, answer: Answer): Promise<Recording> {
  const chunks: Chunk[] = [];
  return new Promise(resolve => {
    answer(order, {
      write: chunk => chunks.push({ at: performance.now(), bytes: Buffer.from(chunk) }),
      exit: code => {
        const split = order.options.intervalSeconds === 0 ? chunks.length : afterLongestSilence(chunks);
        const { boundary } = order.options;
        resolve({ boundary, first: joined(chunks.slice(0, split)), rest: joined(chunks.slice(split)), code });
      },
    });
  });
}

/**
 * Lets `answer` answer the first order of each kind for real, and gives its words to all who ask the same, with their
 * boundary and after the same interval: so many hosts cost as much as one.
 */
export function replay(answer: Answer): Answer {
  const recordings = new Map<string, Promise<Recording>>();
  return (order, reply) => {
    const { boundary, intervalSeconds, sockets } = order.options;
    const key = `${intervalSeconds} ${sockets}`;
    const recording = recordings.get(key) ?? record(order, answer);
    recordings.set(key, recording);
    let isStopped = false;
    let timer: NodeJS.Timeout | undefined;
    void recording.then(said => {
      const own = (text: string): Buffer => Buffer.from(text.replaceAll(said.boundary, boundary), 'latin1');
      const end = (): void => {
        reply.write(own(said.rest));
        reply.exit(said.code);
      };
      if (isStopped) return;
      reply.write(own(said.first));
      if (intervalSeconds === 0) end();
      else timer = setTimeout(end, intervalSeconds * 1000);
    });
    return () => {
      isStopped = true;
      clearTimeout(timer);
    };
  };
}
