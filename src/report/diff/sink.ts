import type { RunDiff } from '../../model/diff.ts';
import type { SinkContext } from '../sink.ts';

/** Where a comparison is shown, and what to type next. */
export interface DiffContext extends Pick<SinkContext, 'write' | 'width' | 'color' | 'verbose'> {
  readonly next: readonly string[];
}

/** Shows a comparison as a whole. */
export type DiffSink = (diff: RunDiff, context: DiffContext) => void;
