import { EventEmitter } from 'node:events';

/** The terminal as far as the screen needs it. */
export interface TerminalOutput {
  write(text: string): unknown;
  readonly columns: number;
  readonly rows: number;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Alternate screen, no cursor, no wrapping: a line that a terminal draws wider than we think stays on its row. */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J';
const leave = '\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l';
/** Synchronized update (DEC mode 2026): terminals that know it show the frame at once, others ignore it. */
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

/**
 * The stream that ink writes whole frames to. Only rows that changed go to the terminal, each at its absolute place, so nothing
 * flickers or scrolls, and a resize repaints all. It is no terminal itself: ink then leaves the cursor alone.
 */
export class Screen extends EventEmitter {
  readonly #output: TerminalOutput;
  #shown: string[] = [];
  #isOpen = false;
  /** Bytes that went to the terminal, for the bench. */
  written = 0;

  constructor(output: TerminalOutput) {
    super();
    this.#output = output;
  }

  /** Without a size, some say so by 0. */
  get columns(): number {
    return Math.max(20, this.#output.columns || 80);
  }

  get rows(): number {
    return Math.max(8, this.#output.rows || 24);
  }

  open(): void {
    this.#isOpen = true;
    this.#shown = [];
    this.#put(enter);
    this.#output.on('resize', this.#onResize);
  }

  /** Gives the terminal back as it was. May be called at any time, also twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.off('resize', this.#onResize);
    this.#output.write(leave);
  }

  /** A frame, lines apart by newlines. */
  write = (frame: string): boolean => {
    if (!this.#isOpen || frame === '') return true;
    const lines = frame.split('\n').slice(0, this.rows);
    let changes = '';
    for (let row = 0; row < Math.max(lines.length, this.#shown.length); row++) {
      const text = lines[row] ?? '';
      // erased first: behind a full row the cursor stands on its last column, which erasing would take
      if (text !== this.#shown[row]) changes += `\x1b[${row + 1};1H\x1b[0m\x1b[K${text}\x1b[0m`;
    }
    this.#shown = lines;
    if (changes !== '') this.#put(`${beginUpdate}${changes}${endUpdate}`);
    return true;
  };

  readonly #onResize = (): void => {
    this.#shown = [];
    this.#put('\x1b[0m\x1b[2J');
    this.emit('resize');
  };

  #put(text: string): void {
    this.written += text.length;
    this.#output.write(text);
  }
}
