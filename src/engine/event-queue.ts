/**
 * Turns pushed events into an async iterable for one reader. Events that are already there are handed over without waiting;
 * `roomy` lets writers hold back while the reader is behind, so memory stays bounded.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #highWater: number;
  #events: T[] = [];
  #next = 0;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #reader: (() => void) | undefined;
  #writers: (() => void)[] = [];

  /** @param highWater Unread events beyond which writers should hold back. */
  constructor(highWater: number) {
    this.#highWater = highWater;
  }

  push(event: T): void {
    this.#events.push(event);
    this.#wakeReader();
  }

  /** No further events. With a reason, the reader's loop throws it after what is still unread. */
  end(failure?: { readonly reason: unknown }): void {
    this.#ended = true;
    this.#failure = failure;
    this.#wakeReader();
  }

  /** Resolves at once unless the reader is behind. */
  async roomy(): Promise<void> {
    while (this.#events.length - this.#next > this.#highWater && !this.#ended) {
      await new Promise<void>(resolve => this.#writers.push(resolve));
    }
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#next === this.#events.length) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>(resolve => {
        this.#reader = resolve;
      });
    }
    const event = this.#events[this.#next] as T;
    this.#next += 1;
    if (this.#next === this.#events.length) this.#startOver();
    return { done: false, value: event };
  }

  /** The reader left its loop: writers must not wait for it. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#ended = true;
    this.#startOver();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #startOver(): void {
    this.#events = [];
    this.#next = 0;
    for (const resume of this.#writers.splice(0)) resume();
  }

  #wakeReader(): void {
    this.#reader?.();
    this.#reader = undefined;
  }
}
