import { stripControls } from '../text/ansi.ts';
import { detached } from '../text/detached.ts';

/** What /proc/PID/stat tells of a process. */
export interface ProcessStat {
  /** `comm`, as given by the process itself: at most 15 characters, made safe to show. */
  readonly name: string;
  /** Unit: s since boot. */
  readonly startedSeconds: number;
}

/** USER_HZ: 100 on every architecture that servers have (include/asm-generic/param.h). */
const ticksPerSecond = 100;
/** TASK_COMM_LEN of include/linux/sched.h without its NUL; bytes, hence characters at most. */
const nameLength = 15;

/**
 * `/proc/PID/stat`: name in parentheses, which may hold parentheses and blanks itself, then 20 fields to the start time.
 * Null for anything else. Source: fs/proc/array.c, do_task_stat(); proc_pid_stat(5).
 */
export function processStatOf(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const started =
    text
      .slice(close + 1, close + 1024)
      .trim()
      .split(' ')[19] ?? '';
  if (!/^\d{1,19}$/.test(started)) return null;
  const name = stripControls(text.slice(open + 1, close)).trim();
  return {
    name: detached([...name].slice(0, nameLength).join('')),
    startedSeconds: Number(started) / ticksPerSecond,
  };
}

/** Ids of Docker, containerd, CRI-O and Podman; names of LXC and systemd-nspawn. The last one counts: containers may nest. */
const idPattern = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;
const namePattern = /\/lxc(?:\.payload)?[./]([A-Za-z0-9._-]{1,64})|\/machine-([A-Za-z0-9._\\-]{1,64})\.scope/;

/**
 * The first 12 digits of the id of the container that a process runs in, as `docker ps` shows them, or its name, from
 * /proc/PID/cgroup; null outside containers. Source: cgroups(7); the names are conventions of the container runtimes.
 */
export function containerOf(cgroup: string): string | null {
  const text = cgroup.slice(0, 16_384);
  const id = text.match(idPattern)?.at(-1);
  if (id !== undefined) return detached(id.slice(0, 12));
  const [, lxc, machine] = namePattern.exec(text) ?? [];
  const name = lxc ?? machine;
  return name === undefined ? null : detached(name);
}
