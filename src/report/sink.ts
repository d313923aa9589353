import type { RunEvent } from '../model/run.ts';

/** Where a sink writes, and what for. Nothing else of the world reaches a sink. */
export interface SinkContext {
  readonly write: (text: string) => void;
  /** Columns of a line. Only `table` looks at it. */
  readonly width: number;
  readonly color: boolean;
  /** Show everything (`-v`): every host of a block, the reasons of what passed. */
  readonly verbose: boolean;
  readonly next: NextSteps;
  /** What a rule is about, by its id. Only `html` asks. */
  readonly glossary: (rule: string) => GlossaryEntry | undefined;
}

/** A rule explained: what `rules explain` prints. */
export interface GlossaryEntry {
  readonly id: string;
  /** The wanted condition, in one line. */
  readonly title: string;
  readonly sections: readonly GlossarySection[];
}

/** One heading and what stands below it: sentences that flow, or items that stand on lines of their own. */
export interface GlossarySection {
  readonly heading: string;
  readonly text?: string;
  readonly items?: readonly string[];
}

/** What people can type next. Only the caller knows which command this was. */
export interface NextSteps {
  readonly always: readonly string[];
  /** Where some host was not audited. */
  readonly ifIncomplete?: string;
  /** Where a script could set something right. */
  readonly ifFixable?: string;
  readonly ifInterrupted?: string;
}

/** Consumes the events of one run, in order. What streams writes at once; what needs all writes at `end`. */
export type Sink = (event: RunEvent) => void;

export type SinkFactory = (context: SinkContext) => Sink;
