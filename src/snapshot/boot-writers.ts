import { whyMissing } from '../model/reading.ts';
import type { BootSetting, BootSettings, LaterWrite } from '../model/snapshot.ts';
import { kernelCommandLine, ufwDefaults, ufwSwitch, ufwSysctl } from '../sources/boot-writers.ts';
import { dottedKey } from './boot-lines.ts';
import { inTurn, loadWrites, nothing, type WriterInput, type Writes } from './boot-write.ts';
import { localScriptWrites } from './local-script.ts';
import { tunedWrites } from './tuned-writes.ts';

/** Lines kept per key: the last ones decide. */
const mostWrites = 16;

/**
 * What writes keys beside the sysctl files: before them the kernel command line; after them ufw, tuned and rc.local in this
 * order. systemd starts tuned behind systemd-sysctl, and rc.local and tuned side by side; ufw.service is not ordered,
 * but /etc/ufw/sysctl.conf is meant to override the files and says so.
 */
export function bootWriters(input: WriterInput): Pick<BootSettings, 'commandLine' | 'later' | 'unread'> {
  const { lines, unread } = inTurn([ufwWrites(input), tunedWrites(input), localScriptWrites(input)]);
  const later = new Map<string, LaterWrite[]>();
  for (const { key, ...line } of lines) {
    const known = later.get(key) ?? [];
    if (known.length >= mostWrites) known.shift();
    known.push(line);
    later.set(key, known);
  }
  return { commandLine: commandLineOf(input), later, unread };
}

/** Words end at blanks here; a value in quotes, which hardly any key needs, comes without its end. */
function commandLineOf({ once }: WriterInput): ReadonlyMap<string, BootSetting> {
  const words = once.lines.filter(({ path }) => path === kernelCommandLine).map(({ text }) => text);
  return new Map(
    words.flatMap((word): [string, BootSetting][] => {
      const [, key, value] = /^sysctl[./]([^=]+)=(.*)$/s.exec(word) ?? [];
      if (key === undefined || value === undefined) return [];
      return [[dottedKey(key.replaceAll('.', '/')), { value, file: `/${kernelCommandLine}`, line: 1 }]];
    }),
  );
}

/** `sysctl -p` of the file that IPT_SYSCTL names, if ufw is enabled. Source: ufw_start() in ufw-init-functions of ufw 0.36. */
function ufwWrites({ once, text, files }: WriterInput): Writes {
  if (once.files.get(ufwSwitch)?.status === 'denied')
    return { lines: [], unread: { [`/${ufwSwitch}`]: 'not permitted' } };
  if (!once.has.has(ufwSwitch)) return nothing;
  const defaults = text(ufwDefaults);
  if (typeof defaults !== 'string') return { lines: [], unread: { [`/${ufwDefaults}`]: whyMissing(defaults) } };
  const named = [...defaults.matchAll(/^[ \t]*IPT_SYSCTL=["']?([^"'\s#]*)/gm)].at(-1)?.[1] ?? '';
  if (named === '') return nothing;
  return loadWrites(named, [...files, { path: `/${ufwSysctl}`, text: text(ufwSysctl) }], { by: 'by ufw' });
}
