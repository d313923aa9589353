import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Lowers a setting that the machine has once for all network namespaces, and gives back how to restore it. A shell of
 * its own restores it, when its standard input closes: also where the test run is killed.
 */
export function lowerForTheMachine(path: string, value: number): () => Promise<void> {
  const before = readFileSync(path, 'utf8').trim();
  if (Number(before) < value) throw new Error(`${path} is ${before} already`);
  const restore = 'read -r _; echo "$1" >"$2"';
  const guard = spawn('sh', ['-c', restore, 'sh', before, path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const restored = new Promise<void>(resolve => guard.on('close', () => resolve()));
  writeFileSync(path, `${value}\n`);
  return async () => {
    guard.stdin.end();
    await restored;
    const after = readFileSync(path, 'utf8').trim();
    if (after !== before) throw new Error(`${path} is ${after}, was ${before}`);
  };
}
