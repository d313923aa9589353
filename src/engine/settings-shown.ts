import { known } from '../model/reading.ts';
import type { Finding } from '../model/rule.ts';
import type { SettingResult } from '../model/run.ts';
import type { BootSetting, BootSettings, Snapshot } from '../model/snapshot.ts';
import { bootOutcomes } from '../rules/boot-winner.ts';

/** Settings that decide whether a SYN is answered: shown for every host, whatever its findings. */
const alwaysShown = [
  'net.ipv4.tcp_tw_recycle',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_max_tw_buckets',
  'net.core.somaxconn',
];

/**
 * The settings of a host that its result shows: those above, and whatever a finding rests on or would change.
 * A key that neither runs nor is set at boot is left out; one that is only in a file has value null.
 */
export function settingsShown(
  snapshot: Snapshot,
  findings: readonly Finding[],
): Readonly<Record<string, SettingResult>> {
  const boot = known(snapshot.boot);
  const shown: Record<string, SettingResult> = {};
  for (const key of keysOf(snapshot, findings)) {
    const running = snapshot.settings.get(key);
    const value = (running && known(running)) ?? null;
    const winner = boot && bootWinner(boot, key);
    if (winner !== undefined)
      shown[key] = { value, boot: { value: winner.value, file: winner.file, line: winner.line } };
    else if (running !== undefined) shown[key] = { value };
  }
  return shown;
}

/**
 * The line that decides at boot. Where systemd runs, it is what applies sysctl files then; elsewhere the init scripts call
 * procps. What tuned, ufw or rc.local is certain to write after that wins over both; the kernel command line is the weakest.
 */
export function bootWinner(boot: BootSettings, key: string): BootSetting | undefined {
  const { value, line } = bootOutcomes(boot, key).atBoot;
  if (value !== null && line !== null) return line;
  // a text, such as tcp_congestion_control, or what the kernel refuses
  const { procps, systemd, commandLine, later } = boot;
  const written = later.get(key)?.findLast(({ condition, effect }) => condition === undefined && effect === undefined);
  return written ?? (systemd ?? procps).get(key) ?? commandLine.get(key);
}

function keysOf(snapshot: Snapshot, findings: readonly Finding[]): Iterable<string> {
  if (findings.length === 0) return alwaysShown;
  const keys = new Set(alwaysShown);
  for (const { evidence, remedy } of findings) {
    for (const { field } of evidence) if (snapshot.settings.has(field)) keys.add(field);
    for (const key of Object.keys(remedy?.set ?? {})) keys.add(key);
  }
  return keys;
}
