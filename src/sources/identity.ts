import { detached } from '../text/detached.ts';
import { quoted } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/** A file that holds one short line. */
const oneLine = (path: string, sampled = false): FileSource<string> => ({
  path,
  sampled,
  parse: text => {
    const line = text.replace(/\r?\n[\s\S]*$/, '').trim();
    if (line === '' || line.length > 256) throw new ParseError(`expected one short line, got ${quoted(text)}`, 1);
    return detached(line);
  },
});

/** `uname -r`. Its absence means: not Linux, or no /proc. Source: kernel/utsname_sysctl.c. */
export const osRelease = oneLine('proc/sys/kernel/osrelease');

/** A new random UUID per boot: tells whether counters of two runs belong together. Source: drivers/char/random.c. */
export const bootId = oneLine('proc/sys/kernel/random/boot_id', true);

/**
 * What the host calls itself, which is not always its name in an inventory. In every sample, although it does not change:
 * no two hosts have the same, and what is read once is shared by hosts that print the same. Source: kernel/utsname_sysctl.c.
 */
export const hostname = oneLine('proc/sys/kernel/hostname', true);

/** First line of the release file of Red Hat and its kin before os-release existed. */
export const redhatRelease = oneLine('etc/redhat-release');

/** PRETTY_NAME and VERSION_ID of os-release(5). */
export interface OsRelease {
  readonly id: string;
  readonly versionId: string;
  readonly prettyName: string;
}

/** `/etc/os-release`, os-release(5): shell-like assignments, values bare or quoted. */
export const osReleaseFile: FileSource<OsRelease> = {
  path: 'etc/os-release',
  sampled: false,
  parse: text => {
    const values = new Map<string, string>();
    for (const line of text.split(/\r?\n/)) {
      const match = /^([A-Z_]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^"'].*)?)\s*$/.exec(line);
      if (match?.[1] !== undefined) {
        values.set(match[1], (match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? match[4] ?? '').trim());
      }
    }
    const name = values.get('PRETTY_NAME') ?? values.get('NAME');
    if (name === undefined || name === '') throw new ParseError('neither PRETTY_NAME nor NAME');
    return {
      id: detached(values.get('ID') ?? ''),
      versionId: detached(values.get('VERSION_ID') ?? ''),
      prettyName: detached(name.slice(0, 128)),
    };
  },
};
