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
