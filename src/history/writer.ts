import { type FileHandle, open } from 'node:fs/promises';
import type { RunEvent } from '../model/run.ts';
import { createLineWriter } from './records.ts';
import { makeStore, runFile } from './store.ts';

export interface WriterOptions {
  readonly directory: string;
  readonly id: string;
  /** `append` goes on with a run that did not end (`--resume`). */
  readonly mode: 'create' | 'append';
  /** Called at most once: the store cannot be written (full, read-only); the run goes on without it. */
  readonly onTrouble: (error: Error) => void;
}

/** A crash loses at most what came since the last flush. Unit: ms. */
const flushEveryMs = 1_000;
/** One write per this many characters: at 10,000 hosts, hundreds of writes instead of tens of thousands. */
const flushAtLength = 256 * 1_024;
/** A store on a dead disk must not keep the program from ending. Unit: ms. */
const closeDeadlineMs = 10_000;

/** The file of one run, open for appending. Writing never fails the run: trouble is told once, then nothing more is written. */
export class RunWriter {
  readonly #options: WriterOptions;
  readonly #lineOf = createLineWriter(Date.now);
  #file: FileHandle | undefined;
  #buffered = '';
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #broken = false;

  private constructor(options: WriterOptions) {
    this.#options = options;
  }

  static async open(options: WriterOptions): Promise<RunWriter> {
    const writer = new RunWriter(options);
    try {
      await makeStore(options.directory);
      const path = runFile(options.directory, options.id);
      writer.#file = await open(path, options.mode === 'create' ? 'ax' : 'a', 0o600);
      if (options.mode === 'append') writer.#buffered = '\n'; // ends a torn last line; readers skip empty ones
      writer.#timer = setInterval(() => writer.#flush(), flushEveryMs).unref();
    } catch (error) {
      writer.#giveUp(error);
    }
    return writer;
  }

  accept(event: RunEvent): void {
    if (this.#broken) return;
    this.#buffered += this.#lineOf(event);
    if (this.#buffered.length >= flushAtLength) this.#flush();
  }

  /** Whether what was accepted is, or will be, on disk. */
  get works(): boolean {
    return !this.#broken;
  }

  /** Writes what is left, and waits until the disk has it. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const deadline = new Promise<void>((_, reject) => {
      setTimeout(() => reject(new Error('the disk does not answer')), closeDeadlineMs).unref();
    });
    await Promise.race([this.#finish(), deadline]).catch(error => this.#giveUp(error));
  }

  async #finish(): Promise<void> {
    await this.#writing;
    if (!this.#broken && this.#buffered !== '') await this.#file?.appendFile(this.#take());
    if (!this.#broken) await this.#file?.datasync();
    await this.#file?.close();
  }

  #flush(): void {
    if (this.#busy || this.#buffered === '' || this.#file === undefined) return;
    this.#busy = true;
    this.#writing = this.#file
      .appendFile(this.#take())
      .catch(error => this.#giveUp(error))
      .finally(() => {
        this.#busy = false;
      });
  }

  #take(): string {
    const text = this.#buffered;
    this.#buffered = '';
    return text;
  }

  #giveUp(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#buffered = '';
    this.#options.onTrouble(error instanceof Error ? error : new Error(String(error)));
  }
}
