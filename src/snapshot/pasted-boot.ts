import { type Frame, nothingRead } from '../collect/frames.ts';
import { absent, mapReading } from '../model/reading.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Gleaned } from '../sources/pasted.ts';
import { bootOf } from './boot.ts';

/**
 * What a pasted sysctl file sets at boot, if its name tells which file it is. Others were not pasted, and may decide
 * otherwise: that is said as if they could not be read.
 */
export function bootOfPasted(gleaned: readonly Gleaned[]): Snapshot['boot'] {
  const files = new Map<string, Frame>();
  const sysctlFiles: { path: string; masked: boolean }[] = [];
  for (const { text, sysctl } of gleaned) {
    const name = text.name.split('/').at(-1) ?? '';
    if (sysctl === null || sysctl.written.size === 0 || !name.endsWith('.conf')) continue;
    const path = name === 'sysctl.conf' ? 'etc/sysctl.conf' : `etc/sysctl.d/${name}`;
    files.set(path, { status: 'ok', text: text.text.replaceAll('\r\n', '\n') });
    if (path !== 'etc/sysctl.conf') sysctlFiles.push({ path, masked: false });
  }
  if (files.size === 0) return absent('not-collected', 'no sysctl file');
  const directories = new Set(sysctlFiles.length === 0 ? [] : ['etc/sysctl.d']);
  const once = { ...nothingRead, files, directories, sysctlFiles };
  const keys = gleaned.flatMap(({ sysctl }) => [...(sysctl?.running.keys() ?? [])]);
  return mapReading(bootOf(once, keys), boot => ({
    ...boot,
    unread: { ...boot.unread, 'other sysctl files': 'not collected' },
  }));
}
