#!/usr/bin/env node
process.env.NODE_ENV ??= 'production';
try {
  await import('../dist/cli/main.js');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist/cli/main.js')) throw error;
  process.stderr.write('synaudit: not built yet (no dist/): run `npm ci && npm run build` in the checkout\n');
  process.exitCode = 4;
}
