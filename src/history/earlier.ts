import type { EarlierRun } from '../model/facts.ts';
import { detached } from '../text/detached.ts';
import { fileLines } from './lines.ts';
import { runFile, runIds } from './store.ts';

/** Counters of the last run, to be asked by host and boot id. */
export type EarlierCounters = (host: string, bootId: string) => EarlierRun | null;

/** The beginning of a snapshot record (records.ts): strings as JSON writes them, then numbers. */
const head = /^\{"type":"snapshot","host":("(?:[^"\\]|\\.)*"),"bootId":"([^"\\]*)","at":(\d+),"pawsPassive":(\d+),/;

/**
 * Reads what the newest stored run says of PAWSPassive, in one pass that parses nothing else. Only hosts of such kernels take
 * memory, some 100 bytes each. A store that is missing or unreadable holds nothing: history only adds to what is seen now.
 */
export async function earlierCounters(directory: string, now: number): Promise<EarlierCounters> {
  const found = new Map<string, { bootId: string; at: number; pawsPassive: number }>();
  const [runId] = await runIds(directory).catch(() => []);
  if (runId !== undefined) {
    try {
      for await (const text of fileLines(runFile(directory, runId))) {
        const [, host, bootId, at, pawsPassive] = head.exec(text) ?? [];
        if (host === undefined || bootId === undefined) continue;
        found.set(String(JSON.parse(host)), {
          bootId: detached(bootId),
          at: Number(at),
          pawsPassive: Number(pawsPassive),
        });
      }
    } catch {
      // Another process may prune the file while it is read.
    }
  }
  return (host, bootId) => {
    const entry = found.get(host);
    if (entry === undefined || runId === undefined || entry.bootId !== bootId) return null;
    return { runId, secondsAgo: Math.max(0, (now - entry.at) / 1_000), pawsPassive: entry.pawsPassive };
  };
}
