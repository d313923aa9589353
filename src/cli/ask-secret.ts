import type { ReadStream } from 'node:tty';
import { openTerminal } from './terminal.ts';

/**
 * Asks a person for a secret on the terminal itself, whatever stdin and stdout are, without echo. Undefined if there is no
 * terminal, or the answer is Ctrl-C or Ctrl-D.
 */
export async function askSecret(prompt: string): Promise<string | undefined> {
  const terminal = openTerminal();
  if (terminal === undefined) return undefined;
  // Over the line that tells how the run goes.
  process.stderr.write(`\r\x1b[K${prompt}`);
  terminal.setRawMode(true);
  try {
    return await answerFrom(terminal);
  } finally {
    terminal.setRawMode(false);
    terminal.destroy();
    process.stderr.write('\n');
  }
}

const enter = /[\r\n]/;
const giveUp = /[\x03\x04]/;

function answerFrom(terminal: ReadStream): Promise<string | undefined> {
  return new Promise(resolve => {
    let answer = '';
    terminal.setEncoding('utf8');
    terminal.on('error', () => resolve(undefined));
    terminal.on('end', () => resolve(undefined));
    terminal.on('data', (typed: string) => {
      for (const key of typed) {
        if (enter.test(key)) resolve(answer);
        else if (giveUp.test(key)) resolve(undefined);
        else if (key === '\x7f' || key === '\b') answer = [...answer].slice(0, -1).join('');
        else answer += key;
      }
    });
  });
}
