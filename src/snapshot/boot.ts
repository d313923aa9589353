import type { Once } from '../collect/frames.ts';
import { absent, ok, type Reading } from '../model/reading.ts';
import type { BootSettings } from '../model/snapshot.ts';
import { osReleaseFile, redhatRelease } from '../sources/identity.ts';
import { initFunctions, isOfSystemd, systemdVersionOf } from '../sources/sysctl-files.ts';
import { type SysctlFile, sysctlConf } from './boot-files.ts';
import { type BootHost, bootSettings } from './boot-settings.ts';
import { bootWriters } from './boot-writers.ts';
import { parsed } from './frame-reading.ts';

/** Who sets what at the next boot; absent where no sysctl file or directory was seen at all (a partial tree). */
export function bootOf(once: Once, keys: readonly string[]): Reading<BootSettings> {
  const conf = once.files.get('etc/sysctl.conf');
  const seen = [...once.directories].some(directory => directory.endsWith('/sysctl.d'));
  if ((conf === undefined || conf.status === 'absent') && !seen) {
    return absent('not-collected', 'neither sysctl.conf nor sysctl.d');
  }
  const text = (path: string): SysctlFile['text'] => {
    const frame = once.files.get(path);
    // an empty file has no line, hence no frame
    if (frame === undefined) return '';
    const reading = parsed(frame, content => content);
    return reading.state === 'ok' ? reading.value : reading;
  };
  const files: SysctlFile[] = once.sysctlFiles.map(({ path, masked, same }) => ({
    path: `/${path}`,
    text: masked ? '' : text(path),
    ...(masked ? { link: 'null' } : same === undefined ? {} : { link: `/${same}` }),
  }));
  const host: BootHost = {
    systemdVersion: systemdVersion(once),
    osRelease: [osReleaseFile.path, redhatRelease.path]
      .map(path => text(path))
      .filter(isText)
      .join('\n'),
    ...initscripts(text(initFunctions)),
    keys,
  };
  const all = [...files, { path: sysctlConf, text: text('etc/sysctl.conf') }];
  const engines = bootSettings(all, host);
  const { unread, ...writers } = bootWriters({ once, text, files: all, engines });
  return ok({ ...engines, ...writers, unread: { ...engines.unread, ...unread } });
}

function systemdVersion({ has }: Once): number | 'unknown' | null {
  const programs = [...has].filter(isOfSystemd);
  if (programs.length === 0) return null;
  const versions = programs.map(systemdVersionOf).filter(version => version !== null);
  return versions[0] ?? 'unknown';
}

const initscripts = (text: SysctlFile['text']): { initscripts?: string } => (isText(text) ? { initscripts: text } : {});

const isText = (text: SysctlFile['text']): text is string => typeof text === 'string';
