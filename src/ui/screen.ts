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
/** Cleared before: GNU screen has no alternate screen unless it is told to (`altscreen on`). */
const leave = '\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Synchronized update (DEC mode 2026): terminals that know it show the frame at once, others ignore it. */
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

/** Shows frames on a terminal: only rows that changed, each at its absolute place, so nothing flickers or scrolls. */
export class Screen {
  readonly #output: TerminalOutput;
  readonly #onResize: () => void;
  #shown: readonly string[] = [];
  #isOpen = false;

  constructor(output: TerminalOutput, onResize: () => void) {
    this.#output = output;
    this.#onResize = () => {
      this.#shown = [];
      output.write('\x1b[0m\x1b[2J');
      onResize();
    };
  }

  /** A terminal that does not know its size says 0. */
  get columns(): number {
    return Math.max(20, this.#output.columns || 80);
  }

  get rows(): number {
    return Math.max(8, this.#output.rows || 24);
  }

  open(): void {
    this.#isOpen = true;
    this.#shown = [];
    this.#output.write(enter);
    this.#output.on('resize', this.#onResize);
  }

  /** Gives the terminal back as it was. May be called at any time, also twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.off('resize', this.#onResize);
    this.#output.write(leave);
  }

  /** Shows a frame, one text per row. */
  show(rows: readonly string[]): void {
    if (!this.#isOpen) return;
    let changes = '';
    for (let row = 0; row < Math.min(this.rows, Math.max(rows.length, this.#shown.length)); row++) {
      const text = rows[row] ?? '';
      // erased first: behind a full row the cursor stands on its last column, which erasing would take
      if (text !== this.#shown[row]) changes += `\x1b[${row + 1};1H\x1b[0m\x1b[K${text}\x1b[0m`;
    }
    this.#shown = rows;
    if (changes !== '') this.#output.write(`${beginUpdate}${changes}${endUpdate}`);
  }
}
