// Loaded before a program that is measured (node --import): writes what the process used when it ends, to BENCH_USAGE.
import { writeFileSync } from 'node:fs';

process.on('exit', code => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { code, cpuMs: (userCPUTime + systemCPUTime) / 1000, wallMs: performance.now(), rssMiB: maxRSS / 1024 };
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
});
