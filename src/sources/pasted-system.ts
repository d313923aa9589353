import { osReleaseFile } from './identity.ts';
import { commandOf } from './pasted-lines.ts';
import { ParseError } from './source.ts';
import { uptime } from './uptime.ts';

/** Which system a text is of. */
export interface PastedSystem {
  /** `uname -r`. */
  readonly kernel?: string;
  /** PRETTY_NAME of os-release. */
  readonly os?: string;
  /** Since boot. Unit: s. `uptime` tells minutes. */
  readonly uptimeSeconds?: number;
  /** `FreeBSD 8.2-RELEASE`: what it is instead of Linux. */
  readonly foreign?: string;
}

type Growing = { -readonly [K in keyof PastedSystem]: PastedSystem[K] };

const release = '\\d+\\.\\d+[\\w.+~-]*';
/** `uname -a`, /proc/version, hostnamectl. */
const linux = new RegExp(`^[ ]*(?:Linux version|Linux [^ ]+|Kernel: Linux) (${release})(?: |$)`);
const kernelAlone = new RegExp(`^[ ]*(${release})[ ]*$`);

/** `uname -a`, `uname -s` and sysctls of other systems. */
const otherSystems = 'FreeBSD|OpenBSD|NetBSD|DragonFly|Darwin|SunOS|AIX|HP-UX|CYGWIN\\S*|MINGW\\S*|MSYS\\S*';
const otherUname = new RegExp(`^[ ]*(${otherSystems}) [^ ]+ (\\d[\\w.-]*)`);
const otherSysctl = new RegExp(`^[ ]*kern\\.(?:ostype|version)[ ]*[:=][ ]*(${otherSystems})`);
/** Signs of BSD and macOS (sysctl, netstat -s), Solaris and Windows (netstat -s). */
const foreignSigns: ReadonlyArray<readonly [sign: RegExp, system: string]> = [
  [/^[ ]*(?:kern\.(?:osrelease|maxproc|hostname)|net\.inet6?\.(?:tcp|ip)\.\w+)[ ]*[:=]/, 'BSD or macOS'],
  [/^[ ]+\d+ (?:data packets? \(\d+ bytes?\)|connection requests?$|connection accepts?$)/, 'BSD or macOS'],
  [/\btcp(?:RtoAlgorithm|ActiveOpens|PassiveOpens)[ ]*=/, 'Solaris'],
  [/^(?:IPv[46]|TCP|UDP) Statistics(?: for IPv[46])?$/, 'Windows'],
];

/** Looks for `uname`, `uptime`, os-release and the signs of other systems. Null: none of it is in the text. */
export function parseSystem(lines: readonly string[]): PastedSystem | null {
  const system: Growing = {};
  let sign: string | undefined;
  for (const [index, line] of lines.entries()) {
    const kernel = linux.exec(line)?.[1] ?? releaseAfter(lines[index - 1], line);
    if (kernel !== undefined) system.kernel = kernel.slice(0, 128);
    const seconds = uptimeOf(line);
    if (seconds !== undefined) system.uptimeSeconds = seconds;
    const [, name, version] = otherUname.exec(line) ?? otherSysctl.exec(line) ?? [];
    if (name !== undefined) system.foreign ??= version === undefined ? name : `${name} ${version}`;
    sign ??= foreignSigns.find(([pattern]) => pattern.test(line))?.[1];
  }
  const os = osOf(lines);
  if (os !== undefined) system.os = os;
  const [only, ...more] = lines.filter(line => line.trim() !== '');
  if (only !== undefined && more.length === 0) readOnlyLine(system, only);
  if (sign !== undefined) system.foreign ??= sign;
  return Object.keys(system).length === 0 ? null : system;
}

/** A text of one line: `uname -r`, or /proc/uptime. */
function readOnlyLine(system: Growing, line: string): void {
  const kernel = kernelAlone.exec(line)?.[1];
  if (kernel !== undefined && /-|^\d+\.\d+\.\d+/.test(kernel)) system.kernel ??= kernel;
  if (/^\d{1,12}\.\d\d \d{1,15}\.\d\d$/.test(line)) system.uptimeSeconds ??= uptime.parse(line);
}

/** `$ uname -r`, and below it the release. */
const releaseAfter = (before: string | undefined, line: string): string | undefined =>
  before !== undefined && /\buname\b/.test(commandOf(before) ?? '') ? kernelAlone.exec(line)?.[1] : undefined;

const unitSeconds: Readonly<Record<string, number>> = {
  year: 31_536_000,
  week: 604_800,
  day: 86_400,
  hour: 3_600,
  hr: 3_600,
  minute: 60,
  min: 60,
  second: 1,
  sec: 1,
};

/**
 * `12:01:23 up 12 days,  3:04,  2 users,  load average: …` of uptime, w and top; `up 2 weeks, 3 days, 1 hour` of uptime -p.
 * Unit: s. Source: procps library/uptime.c, uptime_snprint(); busybox procps/uptime.c.
 */
function uptimeOf(line: string): number | undefined {
  const [, told] =
    /\bup +(.{1,60}?), +(?:\d+ users?, +)?load average:/.exec(line) ??
    /^[ ]*up ((?:\d+ [a-z]+(?:, |$))+)$/.exec(line) ??
    [];
  if (told === undefined) return undefined;
  let seconds = 0;
  for (const part of told.split(',')) {
    const [, hours, minutes, clockSeconds] = /^ *(\d{1,3}):(\d\d)(?::(\d\d))?$/.exec(part) ?? [];
    const [, count, unit] = /^ *(\d{1,6}) +([a-z]+?)s? *$/.exec(part) ?? [];
    const unitLength = unit === undefined ? undefined : unitSeconds[unit];
    if (hours !== undefined) seconds += Number(hours) * 3_600 + Number(minutes) * 60 + Number(clockSeconds ?? 0);
    else if (unitLength !== undefined) seconds += Number(count) * unitLength;
    else if (!/^ *\d+ users? *$/.test(part)) return undefined;
  }
  return seconds;
}

function osOf(lines: readonly string[]): string | undefined {
  if (!lines.some(line => line.startsWith('PRETTY_NAME='))) return undefined;
  try {
    return osReleaseFile.parse(lines.join('\n')).prettyName;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
