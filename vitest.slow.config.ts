import { defineConfig } from 'vitest/config';

/** Whole programs against real servers: minutes, one file after the other so that deadlines are not starved. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
