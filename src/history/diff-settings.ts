import type { BootLine, SettingChange } from '../model/diff.ts';
import type { HostResult, SettingResult } from '../model/run.ts';
import type { ComparedSnapshot } from './compared.ts';
import { own } from './diff-rates.ts';

/** The settings of one host in one run. */
export interface SettingsSide {
  readonly result: HostResult;
  readonly snapshot: ComparedSnapshot | undefined;
}

/**
 * Settings that are not what they were: running values of all keys that both runs read, and who sets them at boot where both
 * results say. Empty where a host was not audited in both.
 */
export function settingChanges(before: SettingsSide, after: SettingsSide): SettingChange[] {
  const changes = new Map<string, SettingChange>();
  for (const [key, running] of runningChanges(before, after)) changes.set(key, { key, running });
  for (const [key, boot] of bootChanges(before.result, after.result))
    changes.set(key, { ...(changes.get(key) ?? { key }), boot });
  return [...changes.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

type Running = NonNullable<SettingChange['running']>;

function* runningChanges(before: SettingsSide, after: SettingsSide): Iterable<[string, Running]> {
  const [was, is] = [runningOf(before), runningOf(after)];
  if (was === is) return;
  for (const [key, value] of was) {
    const now = is.get(key);
    if (value === null || now === null || value === now) continue;
    if (now !== undefined) yield [key, { before: value, after: now }];
    else if (isGone(before, after)) yield [key, { before: value, after: null }];
  }
  if (!isGone(before, after)) return;
  for (const [key, value] of is) if (value !== null && !was.has(key)) yield [key, { before: null, after: value }];
}

/** Another kernel may have other keys. With the same one a missing key was not collected (a pasted text, another version of ours). */
const isGone = (before: SettingsSide, after: SettingsSide): boolean =>
  before.snapshot !== undefined &&
  after.snapshot !== undefined &&
  before.result.kernel !== null &&
  after.result.kernel !== null &&
  before.result.kernel !== after.result.kernel;

function runningOf({ snapshot, result }: SettingsSide): ComparedSnapshot['settings'] {
  return snapshot?.settings ?? new Map(Object.entries(result.settings).map(([key, { value }]) => [key, value]));
}

type Boot = NonNullable<SettingChange['boot']>;

function* bootChanges(before: HostResult, after: HostResult): Iterable<[string, Boot]> {
  if (!knowsBoot(before) || !knowsBoot(after)) return;
  for (const [key, setting] of Object.entries(before.settings)) {
    const other = own(after.settings, key);
    if (other === undefined) continue;
    const boot = { before: bootOf(setting), after: bootOf(other) };
    if (!isSameLine(boot.before, boot.after)) yield [key, boot];
  }
}

const bootOf = ({ boot }: SettingResult): BootLine | null => boot ?? null;

const isSameLine = (a: BootLine | null, b: BootLine | null): boolean =>
  a === b || (a !== null && b !== null && a.value === b.value && a.file === b.file && a.line === b.line);

/** The rule about the next boot is not checked where the files were not read: then that no file sets a key is not known. */
const knowsBoot = ({ verdicts, settings }: HostResult): boolean =>
  Object.values(settings).some(({ boot }) => boot !== undefined) ||
  (own(verdicts, 'tw-recycle-persisted') ?? 'notchecked') !== 'notchecked';
