/** CPU time of this process so far, which other programs on the machine do not raise. For synchronous work. Unit: ms. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
