import type { BootSetting } from '../model/snapshot.ts';
import { editedPath, type SysctlFile } from './boot-files.ts';
import { globMatches } from './boot-glob.ts';
import { type Assignment, assignments, type Dialect, dottedKey, sysctlPath } from './boot-lines.ts';

/** What an engine is given: files in its order, how it reads lines, and what globs can match. */
export interface EngineInput {
  readonly files: readonly SysctlFile[];
  readonly dialect: Dialect;
  /** Whether `net.ipv4.conf.*.rp_filter` is a pattern: systemd 245, procps 3.3.17. Else it is an unknown key. */
  readonly globs: boolean;
  /** Dotted keys of the running kernel. */
  readonly keys: readonly string[];
}

interface Placed extends Assignment {
  readonly file: string;
}

/** More patterns than this in one host's files are not a configuration; the rest is not expanded. */
const mostGlobs = 100;

/** Losing lines kept per key: enough to say "wins over", bounded because files come from hosts. */
const mostLosers = 8;

/**
 * What `sysctl --system` of procps leaves set: every line is written in order, the last one wins; a glob sets only what no
 * line names. (A pattern in an exclusion excludes only since procps 4.0.5; that is not looked at.)
 * Source: write_setting_list() in procps-ng src/sysctl.c.
 */
export function procpsResult(input: EngineInput): ReadonlyMap<string, BootSetting> {
  const lines = placed(input);
  const named = new Set(lines.filter(({ glob }) => !glob).map(({ path }) => path));
  return resultOf(lines, input, path => !named.has(path));
}

/**
 * What systemd-sysctl leaves set: lines are collected by key first, an exclusion `-key` takes an earlier assignment back.
 * Source: parse_file() and apply_all() in systemd src/sysctl/sysctl.c.
 */
export function systemdResult(input: EngineInput): ReadonlyMap<string, BootSetting> {
  const lines = placed(input);
  const collected = new Map<string, Placed>();
  for (const line of lines) {
    // an equal value keeps its earlier place, which counts where two globs match one key
    if (collected.get(line.path)?.value !== line.value) collected.delete(line.path);
    collected.set(line.path, line);
  }
  const takenBack = new Set([...collected.values()].filter(({ value }) => value === null).map(({ path }) => path));
  const explicit = lines.filter(({ glob, path }) => !glob && !takenBack.has(path));
  const globs = [...collected.values()].filter(({ glob }) => glob);
  return resultOf([...explicit, ...globs], input, path => !collected.has(path));
}

function placed({ files, dialect }: EngineInput): readonly Placed[] {
  return files.flatMap(file =>
    typeof file.text === 'string'
      ? assignments(file.text, dialect).map(assignment => ({ ...assignment, file: editedPath(file) }))
      : [],
  );
}

function resultOf(
  lines: readonly Placed[],
  { globs, keys }: EngineInput,
  mayBeGlobbed: (path: string) => boolean,
): ReadonlyMap<string, BootSetting> {
  const writes = new Map<string, Placed[]>();
  const write = (path: string, line: Placed): void => {
    const earlier = writes.get(path);
    if (earlier === undefined) writes.set(path, [line]);
    else earlier.push(line);
  };
  const globbable = globs && lines.some(({ glob }) => glob) ? keys.map(sysctlPath).filter(mayBeGlobbed) : [];
  let expanded = 0;
  for (const line of lines) {
    if (line.value === null) continue;
    if (!line.glob) write(line.path, line);
    else if (globs && expanded++ < mostGlobs) {
      for (const path of globbable) if (globMatches(line.path, path)) write(path, line);
    }
  }
  return new Map(
    [...writes].flatMap(([path, all]) => {
      const setting = winnerOf(all);
      return setting === undefined ? [] : [[dottedKey(path), setting]];
    }),
  );
}

function winnerOf(writes: readonly Placed[]): BootSetting | undefined {
  const strongestFirst: Omit<BootSetting, 'losers'>[] = [];
  const seen = new Set<string>();
  for (const { file, line, value } of writes.toReversed()) {
    // a file and the link to it are one line to edit
    if (value === null || seen.has(`${file}:${line}`)) continue;
    if (strongestFirst.length > mostLosers) break;
    seen.add(`${file}:${line}`);
    strongestFirst.push({ value, file, line });
  }
  const [winner, ...losers] = strongestFirst;
  return winner === undefined || losers.length === 0 ? winner : { ...winner, losers };
}
