import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/slow/**'],
    // only ends what hangs: on a busy machine everything takes ten times as long
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // no module has state that a test changes; a worker that loads them once saves a third of the CPU
    isolate: false,
    // left alone, vitest takes one worker on two cores
    maxWorkers: 2,
  },
});
