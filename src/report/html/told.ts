import type { RunEvent, RunInfo } from '../../model/run.ts';
import type { Blocks } from '../blocks.ts';
import type { ClientAnswers } from '../fleet-blocks.ts';
import type { GlossaryEntry } from '../sink.ts';
import type { Census } from './census.ts';

/** All that the static part of the page is made of. */
export interface Told {
  readonly run: RunInfo;
  readonly end: Extract<RunEvent, { type: 'end' }>;
  readonly blocks: Blocks;
  readonly answers: ClientAnswers;
  readonly census: Census;
  readonly glossary: (rule: string) => GlossaryEntry | undefined;
}

/** Hosts that the run is about; those of a run that did not end have not all a result. */
export const hostsOf = ({ run, census }: Told): number => Math.max(run.hostCount, census.hosts);

/** Hosts of which something is known. */
export const auditedOf = ({ census }: Told): number => census.hosts - (census.standings.get('not-audited') ?? 0);
