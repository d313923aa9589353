import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/slow/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // left alone, vitest takes one worker on two cores
    maxWorkers: 2,
  },
});
