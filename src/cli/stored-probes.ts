/** Probes of the store, as `runs list` and `runs show` tell them. */
import { readFile } from 'node:fs/promises';
import { probeFile, probeIds } from '../history/probes.ts';
import type { ProbeDocument } from '../model/probe.ts';
import { checkedProbe } from '../report/probe-schema.ts';
import { formatDuration } from '../text/duration.ts';
import { foldHosts } from '../text/host-set.ts';
import { parsedJson } from '../text/json.ts';
import { shareText } from '../text/share.ts';
import { probesDirectory, type World } from './world.ts';

/** What is told of one probe beside its id. */
export interface ProbeOverview {
  readonly subject: string;
  readonly pairs: number;
  readonly duration: string;
  readonly failures: string;
  readonly end: string;
}

/** Ids of the stored probes, newest first. */
export const storedProbes = (world: World): Promise<string[]> => probeIds(probesDirectory(world));

/** Where a probe of the store lies. */
export const probeFileOf = (id: string, world: World): string => probeFile(probesDirectory(world), id);

/** Throws where the file holds no probe. */
export async function probeOverview(file: string): Promise<ProbeOverview> {
  const found = checkedProbe(parsedJson(await readFile(file, 'utf8')));
  if ('problem' in found) throw new Error(`no stored probe: ${found.problem}`);
  return {
    subject: `probe ${subjectOf(found)}`,
    pairs: found.pairs.length,
    duration: formatDuration(Math.max(0, Date.parse(found.finishedAt) - Date.parse(found.startedAt))),
    failures: found.all.attempts === 0 ? 'no attempt' : `${shareText(found.all.failures)} failed`,
    end: found.interrupted ? 'interrupted' : 'complete',
  };
}

function subjectOf({ pairs }: ProbeDocument): string {
  const from = [...new Set(pairs.map(pair => pair.from))];
  const to = [...new Set(pairs.map(pair => pair.to))];
  return `${foldHosts(from)} → ${foldHosts(to)}`;
}
