import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlannedBoot } from '../../src/model/remediation.ts';
import type { BootSetting } from '../../src/model/snapshot.ts';
import { type SysctlFile, sysctlConf } from '../../src/snapshot/boot-files.ts';
import { type BootHost, bootSettings } from '../../src/snapshot/boot-settings.ts';
import type { MadeHost } from './script-host.ts';

const directories = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];

/** What the audit says of a made host: who sets the key at the next boot, by either engine. */
export function auditedWinners(
  host: MadeHost,
  key: string,
  about: Omit<BootHost, 'keys'>,
): { readonly procps: PlannedBoot | null; readonly systemd: PlannedBoot | null } {
  const paths = directories.flatMap(directory =>
    existsSync(host.at(directory)) ? readdirSync(host.at(directory)).map(name => `${directory}/${name}`) : [],
  );
  const files = [...paths.filter(path => path.endsWith('.conf')), sysctlConf].map(path => sysctlFile(host, path));
  const { procps, systemd } = bootSettings(files, { ...about, keys: [key] });
  return { procps: boot(procps.get(key)), systemd: systemd === null ? null : boot(systemd.get(key)) };
}

const boot = (setting: BootSetting | undefined): PlannedBoot | null =>
  setting === undefined
    ? null
    : { value: setting.value.replace(/[ \t]+/g, ' '), file: setting.file, line: setting.line };

function sysctlFile(host: MadeHost, path: string): SysctlFile {
  const real = resolved(host, path);
  if (real === '/dev/null') return { path, text: '', link: 'null' };
  const found = existsSync(host.at(real));
  const text: SysctlFile['text'] = found
    ? readFileSync(host.at(real), 'utf8')
    : { state: 'absent', why: 'no-such-file' };
  return real === path ? { path, text } : { path, text, link: real };
}

function resolved(host: MadeHost, path: string): string {
  if (path === '/dev/null') return path;
  const at = host.at(path);
  if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  return resolved(host, join(dirname(path), readlinkSync(at)).replace(/^.*(?=\/dev\/null$)/, ''));
}
