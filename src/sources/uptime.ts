import { quoted } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/** `/proc/uptime`: seconds since boot, in hundredths. The clock of the samples. Source: fs/proc/uptime.c. */
export const uptime: FileSource<number> = {
  path: 'proc/uptime',
  sampled: true,
  parse: text => {
    const match = /^(\d{1,12}(?:\.\d+)?)[ \t]/.exec(text);
    if (match === null) throw new ParseError(`expected seconds since boot, got ${quoted(text.slice(0, 40))}`, 1);
    return Number(match[1]);
  },
};
