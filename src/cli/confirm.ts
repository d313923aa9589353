import { createInterface } from 'node:readline';
import { openTerminal } from './terminal.ts';
import type { World } from './world.ts';

/**
 * Asks a person on the terminal itself, whatever stdin and stdout are, for a plain yes. Undefined where there is no terminal.
 * Anything but `y` or `yes`, Ctrl-C and Ctrl-D are a no.
 */
export async function confirmed(question: string, { stderr }: World): Promise<boolean | undefined> {
  const terminal = stderr.isTerminal ? openTerminal() : undefined;
  if (terminal === undefined) return undefined;
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: terminal });
  try {
    const answer = await new Promise<string>(resolve => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      terminal.once('error', () => resolve(''));
      lines.once('SIGINT', () => resolve(''));
    });
    return /^\s*y(?:es)?\s*$/i.test(answer);
  } finally {
    lines.close();
    terminal.destroy();
  }
}
