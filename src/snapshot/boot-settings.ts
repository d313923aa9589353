import { whyMissing } from '../model/reading.ts';
import type { BootSettings } from '../model/snapshot.ts';
import { procpsResult, systemdResult } from './boot-engine.ts';
import { directoryFiles, runtimeFirst, type SysctlFile, sysctlConf } from './boot-files.ts';
import type { Dialect } from './boot-lines.ts';

/** What decides how a host reads its sysctl files. */
export interface BootHost {
  /** Null: the host does not run systemd. `unknown`: it does, in some version; taken for a current one unless it is EL7. */
  readonly systemdVersion: number | 'unknown' | null;
  /** Text of /etc/os-release or /etc/redhat-release; tells EL7, whose systemd is patched. */
  readonly osRelease?: string;
  /** Text of /etc/rc.d/init.d/functions (EL5, EL6): tells in which order `apply_sysctl` reads. */
  readonly initscripts?: string;
  /** Dotted keys of the running kernel: what a glob in a file can match. */
  readonly keys: readonly string[];
}

/** What the two engines make of the sysctl files. */
export type EngineSettings = Pick<BootSettings, 'procps' | 'systemd' | 'unread'>;

/**
 * What would be set at the next boot, by either engine, from all sysctl files of a host in any order.
 * Absent keys are set by no readable file. Never throws. Source: sysctl.d(5), sysctl.conf(5), sysctl(8).
 */
export function bootSettings(files: readonly SysctlFile[], host: BootHost): EngineSettings {
  const inDirectories = directoryFiles(files);
  const conf = files.filter(({ path }) => path === sysctlConf).slice(0, 1);
  const read = [...inDirectories, ...conf];
  const { version, readsSysctlConf } = systemdOf(host);
  // procps 3.3.17 came between systemd 247, with which Debian 11 has it, and 246
  const byProcps = version < 247 ? directoryFiles(files, runtimeFirst) : inDirectories;
  return {
    procps: procpsResult({
      files: sysctlConfFirst(host.initscripts) ? [...conf, ...byProcps] : [...byProcps, ...conf],
      dialect: procpsDialect(version),
      globs: version >= 245,
      keys: host.keys,
    }),
    systemd:
      host.systemdVersion === null
        ? null
        : systemdResult({
            files: readsSysctlConf ? read : inDirectories,
            dialect: systemdDialect(version),
            globs: version >= 245,
            keys: host.keys,
          }),
    unread: Object.fromEntries(
      [...byProcps, ...read].flatMap(({ path, text }) =>
        typeof text === 'string' || (text.state === 'absent' && text.why === 'no-such-file')
          ? []
          : [[path, whyMissing(text)]],
      ),
    ),
  };
}

/** The version of procps is not asked for; that of systemd dates the host. */
const procpsDialect = (version: number): Dialect => ({
  lineEnds: 'newline',
  blanks: ' \t\n\v\f\r',
  // "-" came with 3.3.16, at the time of systemd 243; setting_new() skips a second one (src/sysctl.c)
  dashes: version >= 243 ? 2 : 0,
  blanksBehindDash: false,
});

const systemdDialect = (version: number): Dialect => ({
  lineEnds: version >= 239 ? 'any' : 'newline',
  blanks: ' \t\n\r',
  // "-" came with 243; the only 239 in use is EL8's, which has it, too (systemd-rhel8, src/sysctl/sysctl.c)
  dashes: version >= 239 ? 1 : 0,
  blanksBehindDash: true,
  // LINE_MAX of limits.h; read_line() without that bound came with 235
  ...(version < 235 && { lineBytes: 2048 }),
});

/**
 * /etc/sysctl.conf was read by systemd itself up to 206, and is again, last, by the patched 219 of EL7 (systemd-rhel,
 * src/sysctl/sysctl.c; Amazon Linux 2 is built from it). All others know it only through a link in a directory.
 */
function systemdOf({ systemdVersion, osRelease }: BootHost): {
  readonly version: number;
  readonly readsSysctlConf: boolean;
} {
  const el7 = osRelease !== undefined && isEl7(osRelease);
  // EL5 and EL6 have procps 3.2; any other without a version is taken for current, where every spelling is understood
  const known = el7 ? 219 : osRelease !== undefined && /release [56](\.|\s|$)/m.test(osRelease) ? 0 : undefined;
  const version = typeof systemdVersion === 'number' ? systemdVersion : (known ?? Number.MAX_SAFE_INTEGER);
  return { version, readsSysctlConf: version < 207 || (el7 && version === 219) };
}

function isEl7(osRelease: string): boolean {
  if (/release 7(\.|\s|$)/m.test(osRelease)) return true;
  const family = /^ID(_LIKE)?=.*\b(rhel|centos|ol|scientific)\b/m.test(osRelease);
  if (family && /^VERSION_ID="?7(\.\d+)*"?\s*$/m.test(osRelease)) return true;
  return /^ID="?amzn"?\s*$/m.test(osRelease) && /^VERSION_ID="?2"?\s*$/m.test(osRelease);
}

/** EL6 runs `sysctl -p /etc/sysctl.conf` before the directory, later initscripts after it; so the host's own text decides. */
function sysctlConfFirst(initscripts: string | undefined): boolean {
  const start = initscripts?.indexOf('apply_sysctl()') ?? -1;
  if (initscripts === undefined || start < 0) return false;
  const end = initscripts.indexOf('\n}', start);
  const body = initscripts.slice(start, end < 0 ? undefined : end);
  const conf = body.indexOf('/etc/sysctl.conf');
  const directory = body.indexOf('sysctl.d');
  return conf >= 0 && directory >= 0 && conf < directory;
}
