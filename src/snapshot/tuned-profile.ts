import type { NoReading } from '../model/reading.ts';
import { whyMissing } from '../model/reading.ts';
import { type IniFile, mergedUnit, readIni, type TunedOption, type TunedUnit, unitOf } from './tuned-conf.ts';

/** Where profiles are found and what they hold. */
export interface TunedFiles {
  /** Absolute paths of directories, the strongest first. */
  readonly directories: readonly string[];
  /** Text of a file, or why there is none; undefined: it is not there. */
  readonly read: (path: string) => string | NoReading | undefined;
}

/** What tuned makes of its active profiles: their units merged, and what could not be followed. */
export interface TunedProfile {
  readonly units: ReadonlyMap<string, TunedUnit>;
  /** Files that may say more, with the reason. */
  readonly unread: Readonly<Record<string, string>>;
  /** False: a profile is missing or broken, as far as can be seen, and tuned then writes nothing at all. */
  readonly loads: boolean;
}

/** Profiles that one may include, directly and not. */
const mostProfiles = 64;

interface Loading {
  readonly files: TunedFiles;
  readonly loaded: Set<string>;
  readonly units: Map<string, TunedUnit>;
  readonly unread: Record<string, string>;
  loads: boolean;
}

/**
 * The profiles of /etc/tuned/active_profile as one: what a profile includes comes before it, and a profile that includes
 * its own name means the one in a weaker directory. Source: tuned/profiles/loader.py, locator.py and merger.py.
 */
export function tunedProfile(names: readonly string[], from: string, files: TunedFiles): TunedProfile {
  const loading: Loading = { files, loaded: new Set(), units: new Map(), unread: {}, loads: true };
  loadProfiles(
    names.filter(name => /^[\w.-]+$/.test(name)),
    from,
    loading,
  );
  return loading;
}

function loadProfiles(names: readonly string[], from: string, loading: Loading): void {
  for (const name of names) {
    const path = locate(name, loading);
    if (path === 'loaded') continue;
    if (path === null) fails(loading, from, `names the profile ${quoted(name)}, which was not found`);
    else if (loading.loaded.size < mostProfiles) loadProfile(path, loading);
  }
}

/** Its path; `loaded`: that was read before, or it need not be there; null: it is missing, and tuned does nothing. */
function locate(name: string, { files, loaded }: Loading): string | 'loaded' | null {
  const base = (name.startsWith('-') ? name.slice(1) : name).replace(/^.*\//s, '');
  const paths = files.directories.map(directory => `${directory}/${base}/tuned.conf`);
  const path = paths.find(candidate => !loaded.has(candidate) && files.read(candidate) !== undefined);
  return path ?? (name.startsWith('-') || paths.some(candidate => loaded.has(candidate)) ? 'loaded' : null);
}

function loadProfile(path: string, loading: Loading): void {
  loading.loaded.add(path);
  const sections = profileAt(path, loading.files);
  if (typeof sections === 'string') {
    fails(loading, path, sections);
    return;
  }
  const include = sections.get('main')?.get('include')?.value;
  if (include?.includes('$')) loading.unread[path] = `includes ${quoted(include)}, which only tuned can tell`;
  else if (include !== undefined) loadProfiles(include.split(/\s*[,;]\s*/), path, loading);
  for (const [name, section] of sections) {
    if (name === 'main') continue;
    const newer = unitOf(name, section);
    const older = loading.units.get(name);
    loading.units.set(name, older === undefined ? newer : mergedUnit(older, newer));
  }
}

/** The sections of a profile, or why there are none. */
function profileAt(path: string, { read }: TunedFiles): IniFile | string {
  const text = read(path);
  if (typeof text !== 'string') return text === undefined ? 'not found' : whyMissing(text);
  return readIni(text, path) ?? 'tuned cannot parse it';
}

function fails(loading: Loading, path: string, why: string): void {
  loading.unread[path] = why;
  loading.loads = false;
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 64));

/** One assignment of a sysctl plugin, as tuned writes it. */
export interface TunedSysctl extends TunedOption {
  /** As written: `net.ipv4.tcp_tw_recycle`. */
  readonly key: string;
  /** `>4096` raises and `<4096` lowers only; unknown: a variable or function that cannot be followed. Left out: it sets. */
  readonly effect?: 'raises' | 'lowers' | 'unknown';
}

/** One instance of the sysctl plugin, perhaps without any option. */
export interface TunedSysctls {
  /** Whether it depends on the machine. */
  readonly forSome: boolean;
  readonly options: readonly TunedSysctl[];
}

/**
 * What the sysctl plugin writes, in order. Source: tuned/units/manager.py, create(); tuned/plugins/plugin_sysctl.py;
 * tuned/plugins/base.py, _process_assignment_modifiers(); tuned/profiles/variables.py.
 */
export function tunedSysctls(units: ReadonlyMap<string, TunedUnit>): readonly TunedSysctls[] {
  const variables = variablesOf(units.get('variables'));
  const enabled = [...units].filter(([name, unit]) => unit.enabled && name !== 'variables').map(([, unit]) => unit);
  // tuned's thread ends with an exception there, before it has written anything
  if (enabled.some(({ options }) => !isInteger(options.get('priority')?.value ?? '0'))) return [];
  return enabled
    .filter(({ type }) => type === 'sysctl')
    .sort((a, b) => priority(a) - priority(b))
    .map(({ options, machines }) => ({
      forSome: machines.length > 0,
      options: [...options]
        .filter(([key]) => key !== 'priority')
        .map(([key, option]) => ({ key, ...option, ...written(option.value, variables) })),
    }));
}

const priority = ({ options }: TunedUnit): number => Number(options.get('priority')?.value ?? 0);

const isInteger = (text: string): boolean => /^\s*[+-]?\d+\s*$/.test(text);

function written(raw: string, variables: ReadonlyMap<string, string>): Pick<TunedSysctl, 'value' | 'effect'> {
  const value = expanded(raw.replace(/^"(.*)"$/, '$1'), variables);
  if (value.includes('${')) return { value, effect: 'unknown' };
  const rest = value.slice(1);
  if (!isInteger(rest)) return { value };
  if (value.startsWith('>')) return { value: rest, effect: 'raises' };
  return value.startsWith('<') ? { value: rest, effect: 'lowers' } : { value };
}

/** A variable may use those before it. A file that is included may set any of them anew, and is not read. */
function variablesOf(unit: TunedUnit | undefined): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const [name, { value }] of unit?.options ?? []) {
    if (name === 'include') variables.clear();
    else variables.set(name, expanded(value, variables));
  }
  return variables;
}

/** Longer values are no sysctl values: variables that double each other must not fill the memory. */
const mostCharacters = 1024;

const expanded = (text: string, variables: ReadonlyMap<string, string>): string =>
  text
    .slice(0, mostCharacters)
    .replace(/(?<!\\)\$\{(\w+)\}/g, (whole, name: string) => variables.get(name) ?? whole)
    .slice(0, mostCharacters);
