/** A run of ports, both ends included. */
export interface PortRun {
  readonly first: number;
  readonly last: number;
}

/** `32768 60999` of net.ipv4.ip_local_port_range; null for what is no range of ports. */
export function portRange(text: string): PortRun | null {
  const [, first, last] = /^(\d{1,5})[ \t]+(\d{1,5})$/.exec(text.trim()) ?? [];
  return first === undefined || last === undefined ? null : portRun(first, last);
}

/**
 * `8080,9000-9010` of net.ipv4.ip_local_reserved_ports; an empty text reserves nothing. null for what is no such list.
 * Source: proc_do_large_bitmap() in kernel/sysctl.c.
 */
export function reservedPorts(text: string): readonly PortRun[] | null {
  if (text.trim() === '') return [];
  const runs: PortRun[] = [];
  for (const item of text.trim().split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item) ?? [];
    const run = first === undefined || last === undefined ? null : portRun(first, last);
    if (run === null) return null;
    runs.push(run);
  }
  return runs;
}

const highestPort = 65_535;

function portRun(from: string, to: string): PortRun | null {
  const [first, last] = [Number(from), Number(to)];
  return first <= last && last <= highestPort ? { first, last } : null;
}

/** How many ports of the range are left when the reserved ones are taken out; these may overlap. */
export function usablePorts(range: PortRun, reserved: readonly PortRun[]): number {
  let taken = 0;
  let next = range.first;
  for (const { first, last } of [...reserved].sort((a, b) => a.first - b.first)) {
    const from = Math.max(first, next);
    const to = Math.min(last, range.last);
    if (from > to) continue;
    taken += to - from + 1;
    next = to + 1;
  }
  return range.last - range.first + 1 - taken;
}
