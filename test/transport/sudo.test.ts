import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createAscent } from '../../src/transport/sudo.ts';
import fc from '../fast-check.ts';

/** A try whose cues are recorded, with the random words that its command holds. */
function begin(mayAnswer = true) {
  const cues: string[] = [];
  const ascent = createAscent(
    { user: 'deploy', mayAnswer },
    {
      onPrompt: () => cues.push('prompt'),
      onSecondPrompt: () => cues.push('second'),
      onRoot: () => cues.push('root'),
    },
  );
  const prompt = /-p "([^"]+)"/.exec(ascent.command)?.[1] ?? '';
  const mark = /echo (synaudit-[0-9a-f]{24});/.exec(ascent.command)?.[1] ?? '';
  return { ascent, cues, prompt, mark };
}

/** A text in pieces of any lengths. */
const cut = (text: string, lengths: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
};
const lengths = fc.array(fc.nat({ max: 40 }), { maxLength: 20 });

describe('the dialogue', () => {
  test('prompts and the mark are seen in whatever pieces they come; what is printed behind the mark is all kept', () => {
    fc.assert(
      fc.property(lengths, lengths, (some, others) => {
        const { ascent, cues, prompt, mark } = begin();
        for (const piece of cut(`lecture: be careful\n${prompt}Sorry.\n${prompt}`, some)) ascent.hearErrors(piece);
        expect(cues).toEqual(['prompt', 'second']);
        const printed = cut(`Welcome ${mark.slice(0, -1)}\n${mark}\nreport\n`, others).map(piece =>
          ascent.hearOutput(piece),
        );
        expect(Buffer.concat(printed.filter(piece => piece !== undefined)).toString()).toBe('report\n');
        expect(cues).toEqual(['prompt', 'second', 'root']);
      }),
    );
  });

  test('nothing that a host can say beforehand makes us send anything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('synaudit-', '[sudo] password for deploy: ', '\n'))),
        texts => {
          const { ascent, cues } = begin();
          for (const text of texts) {
            ascent.hearErrors(Buffer.from(text));
            expect(ascent.hearOutput(Buffer.from(text))).toBeUndefined();
          }
          expect(cues).toEqual([]);
          expect(ascent.whyNot(1)).toMatch(/^[^\x00-\x1f]+$/);
        },
      ),
    );
  });

  test('a host that never stops talking costs no memory', () => {
    const { ascent, cues, mark } = begin();
    const megabyte = Buffer.alloc(1 << 20, 'x');
    for (let n = 0; n < 50; n++) {
      ascent.hearErrors(megabyte);
      ascent.hearOutput(megabyte);
    }
    ascent.hearOutput(Buffer.from(`${mark}\n`));
    expect(cues).toEqual(['root']);
    expect(ascent.whyNot(1).length).toBeLessThan(200);
  });
});

describe('the command', () => {
  test('is one line that csh and fish take, and asks for no password where there is none', () => {
    const { command } = begin().ascent;
    expect(command).not.toMatch(/[\n!]/);
    expect(command.match(/'/g)).toHaveLength(2);
    expect(command).toContain('sudo -S -p');
    expect(begin(false).ascent.command).not.toContain('-S');
    expect(begin().ascent.command).not.toBe(command);
  });

  test.each(['dash', 'bash', 'busybox sh'])('%s reads it', shell => {
    const [program = 'sh', ...args] = shell.split(' ');
    const inner = begin().ascent.command.slice("exec sh -c '".length, -1);
    expect(execFileSync(program, [...args, '-n', '-c', inner], { encoding: 'utf8' })).toBe('');
  });
});

test.each([
  ['deploy is not in the sudoers file.  This incident will be reported.', 1, 'sudo does not let deploy run sh as root'],
  [
    "Sorry, user deploy is not allowed to execute '/bin/sh' as root on web01.",
    1,
    'sudo does not let deploy run sh as root',
  ],
  ['Sorry, user deploy may not run sudo on web01.', 1, 'sudo does not let deploy run sh as root'],
  [
    'sudo: sorry, you must have a tty to run sudo',
    1,
    'sudo wants a terminal (requiretty): "Defaults:deploy !requiretty" lifts it',
  ],
  ['sudo: 1 incorrect password attempt', 1, 'sudo did not take the password of deploy'],
  ['sh: 1: exec: sudo: not found', 127, 'there is no sudo on the host'],
  [
    'sudo: /etc/sudoers is world writable',
    1,
    'sudo ended with status 1 and says "sudo: /etc/sudoers is world writable"',
  ],
  ['', null, 'sudo ended'],
])('%s', (said, exitCode, reason) => {
  const { ascent } = begin();
  ascent.hearErrors(Buffer.from(said));
  expect(ascent.whyNot(exitCode)).toBe(reason);
});
