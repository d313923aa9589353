/** One option of a profile, with where it stands. */
export interface TunedOption {
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** One section of a profile: what tuned calls a unit. */
export interface TunedUnit {
  /** The plugin; the section's name if it does not say. */
  readonly type: string;
  readonly enabled: boolean;
  /** Takes the place of an earlier unit of its name instead of adding to it. */
  readonly replace: boolean;
  /** Options of an earlier unit of its name that it takes away. */
  readonly drop: readonly string[];
  /** `cpuinfo_regex`, `uname_regex`: the unit is for some machines only. */
  readonly machines: readonly string[];
  readonly options: ReadonlyMap<string, TunedOption>;
}

/** Sections by name, options by name: an INI file as ConfigParser reads it. */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, TunedOption>>;

/** A configuration file of tuned has tens of options; the rest of a hostile one is not read. */
const mostOptions = 2000;

/**
 * An INI file as Python's `ConfigParser(delimiters='=', inline_comment_prefixes='#', strict=False)` reads it: the last of
 * equal options wins, deeper indented lines continue a value, `#` behind a blank ends it. Null: it refuses the whole file.
 * Options before any section, which tuned-main.conf has, stand in section `''`. Source: Lib/configparser.py, _read().
 */
export function readIni(text: string, file: string, headless = false): IniFile | null {
  const sections = new Map<string, Map<string, TunedOption>>();
  let section = headless ? sectionOf(sections, '') : undefined;
  let option: string | undefined;
  let indent = 0;
  let read = 0;
  for (const [index, raw] of text.split(/\r\n?|\n/).entries()) {
    const line = withoutComment(raw);
    if (line.trim() === '') continue;
    const depth = line.search(/\S/);
    const known = option === undefined ? undefined : section?.get(option);
    if (section !== undefined && option !== undefined && known !== undefined && depth > indent) {
      section.set(option, { ...known, value: `${known.value}\n${line.trim()}` });
      continue;
    }
    indent = depth;
    const header = /^\[(.+)\]/.exec(line.trim())?.[1];
    if (header !== undefined) {
      section = sectionOf(sections, header);
      option = undefined;
      continue;
    }
    const equals = line.indexOf('=');
    option = line.slice(0, equals).trim();
    if (section === undefined || equals < 0 || option === '') return null;
    if (++read > mostOptions) break;
    section.set(option, { value: line.slice(equals + 1).trim(), file, line: index + 1 });
  }
  return sections;
}

function sectionOf(sections: Map<string, Map<string, TunedOption>>, name: string): Map<string, TunedOption> {
  const section = sections.get(name) ?? new Map<string, TunedOption>();
  sections.set(name, section);
  return section;
}

function withoutComment(line: string): string {
  if (/^\s*[#;]/.test(line)) return '';
  for (let at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
    if (at === 0 || /\s/.test(line.charAt(at - 1))) return line.slice(0, at);
  }
  return line;
}

/** A section as a unit. Source: tuned/profiles/unit.py. */
export function unitOf(name: string, section: ReadonlyMap<string, TunedOption>): TunedUnit {
  const said = (option: string): string | undefined => section.get(option)?.value;
  const drop = said('drop');
  return {
    type: said('type') ?? name,
    enabled: isTrue(said('enabled') ?? '1'),
    replace: isTrue(said('replace') ?? '0'),
    drop: drop === undefined ? [] : drop.split(/\b\s*[,;]\s*/),
    machines: ['cpuinfo_regex', 'uname_regex'].filter(option => section.has(option)),
    options: new Map([...section].filter(([option]) => !aboutUnit.has(option))),
  };
}

const isTrue = (text: string): boolean => ['True', 'true', '1'].includes(text);

/** Options that are the unit's own and no sysctl keys. `priority` is taken out in tuned/units/manager.py. */
const aboutUnit: ReadonlySet<string> = new Set([
  'type',
  'enabled',
  'replace',
  'drop',
  'devices',
  'devices_udev_regex',
  'cpuinfo_regex',
  'uname_regex',
  'script_pre',
  'script_post',
]);

/** Two units of one name: the newer adds its options, and its type and switch count. Source: tuned/profiles/merger.py. */
export function mergedUnit(older: TunedUnit, newer: TunedUnit): TunedUnit {
  if (newer.replace) return newer;
  const options = new Map(older.options);
  for (const option of newer.drop) options.delete(option);
  for (const [option, value] of newer.options) options.set(option, value);
  return {
    ...newer,
    replace: older.replace,
    drop: older.drop,
    machines: newer.machines.length > 0 ? newer.machines : older.machines,
    options,
  };
}
