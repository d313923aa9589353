import { whyMissing } from '../model/reading.ts';
import { tunedDirectories, tunedMainFile, tunedProfileLists, tunedUnit } from '../sources/boot-writers.ts';
import { directoryFiles, type SysctlFile, sysctlConf } from './boot-files.ts';
import { globMatches } from './boot-glob.ts';
import { type Dialect, dottedKey, sysctlPath } from './boot-lines.ts';
import { type KeyedWrite, linesOf, nothing, type WriterInput, type Writes } from './boot-write.ts';
import { readIni } from './tuned-conf.ts';
import { tunedProfile, tunedSysctls } from './tuned-profile.ts';

/**
 * What tuned writes at boot: the options of the sysctl plugin in the active profiles, then, by default, the sysctl files of
 * the system once more, which therefore win for the keys they name. Source: tuned/plugins/plugin_sysctl.py.
 */
export function tunedWrites({ once, text, files }: WriterInput): Writes {
  const [active] = tunedProfileLists;
  const isStarted = once.has.has(tunedUnit);
  if (!once.files.has(active) && !isStarted) return nothing;
  const list = text(active);
  if (typeof list !== 'string') return { lines: [], unread: { [`/${active}`]: whyMissing(list) } };
  const names = tunedProfileLists
    .map(text)
    .flatMap(names => (typeof names === 'string' ? names.trim().split(/\s+/) : []))
    .filter(name => name !== '');
  if (names.length === 0) return { lines: [], unread: { [`/${active}`]: 'empty, so that tuned chooses a profile' } };

  const { reapply, exclude, directories } = settingsOf(text(tunedMainFile));
  const read = (path: string): SysctlFile['text'] | undefined =>
    once.has.has(path.slice(1)) ? text(path.slice(1)) : undefined;
  const { units, unread, loads } = tunedProfile(names, `/${active}`, { directories, read });
  const conditions = [
    ...(isStarted ? [] : ['if tuned is started']),
    ...(loads ? [] : ['if tuned can load its profiles']),
  ];
  const onSome = [...conditions, 'if the profile is meant for this machine'];
  const by = `by tuned profile ${names.join(' ').slice(0, 64)}`;
  const plugins = tunedSysctls(units);
  const lines = plugins.flatMap(({ options, forSome }) =>
    options.map(
      ({ key, ...option }): KeyedWrite => ({
        ...option,
        key: dottedKey(sysctlPath(key)),
        by,
        ...inWords(forSome ? onSome : conditions),
      }),
    ),
  );
  if (!reapply || plugins.length === 0) return { lines, unread };
  const again = { by: 'again by tuned', ...inWords(plugins.every(({ forSome }) => forSome) ? onSome : conditions) };
  const applied = systemFiles(files)
    .flatMap(file => linesOf(file, reapplyDialect, again))
    .filter(({ key }) => !exclude.some(pattern => globMatches(pattern, key)));
  return { lines: [...lines, ...applied], unread };
}

const inWords = (conditions: readonly string[]): { condition?: string } =>
  conditions.length === 0 ? {} : { condition: conditions.join(' and ') };

/** Up to 2.12 those below /usr were applied, too. Source: SYSCTL_CONFIG_DIRS in plugin_sysctl.py; pull request 226. */
const systemFiles = (files: readonly SysctlFile[]): readonly SysctlFile[] => [
  ...directoryFiles(files, ['/run/sysctl.d', '/etc/sysctl.d']),
  ...files.filter(({ path }) => path === sysctlConf),
];

/** Its own reader: a dash is part of the key, hence of no key. */
const reapplyDialect: Dialect = { lineEnds: 'newline', blanks: ' \t\n\v\f\r', dashes: 0, blanksBehindDash: false };

/** tuned-main.conf(5), as far as it decides here. */
interface TunedSettings {
  /** `reapply_sysctl`, by default on. */
  readonly reapply: boolean;
  /** `reapply_sysctl_exclude` (2.27): patterns of keys that are then left alone. */
  readonly exclude: readonly string[];
  /** `profile_dirs` (2.24), the strongest first. */
  readonly directories: readonly string[];
}

function settingsOf(text: SysctlFile['text']): TunedSettings {
  const options = typeof text === 'string' ? readIni(text, tunedMainFile, true)?.get('') : undefined;
  const list = (option: string): string[] =>
    (options?.get(option)?.value ?? '')
      .split(/[,;\n]/)
      .map(word => word.trim())
      .filter(word => word !== '');
  const directories = list('profile_dirs').map(directory => directory.replace(/\/+$/, ''));
  return {
    reapply: !/^(0|no|false|off)$/i.test(options?.get('reapply_sysctl')?.value ?? '1'),
    exclude: list('reapply_sysctl_exclude').slice(0, mostPatterns),
    directories:
      directories.length > 0
        ? directories.toReversed().slice(0, mostPatterns)
        : tunedDirectories.map(path => `/${path}`),
  };
}

const mostPatterns = 32;
