import { readFileSync } from 'node:fs';
import { startProgram } from './program.ts';

/** Restores when its input closes, so also where we and our group are killed; a second test run waits for that. */
const guard = `
trap '' HUP INT TERM
exec 9<"$1" && flock 9 || exit
before=$(cat "$1")
echo "$2" >"$1" && echo ready
read -r _
echo "$before" >"$1"`;

/** Lowers a setting that the machine has once for all network namespaces, and gives back how to restore it. */
export async function lowerForTheMachine(path: string, value: number): Promise<() => Promise<void>> {
  const read = (): number => Number(readFileSync(path, 'utf8'));
  const program = await startProgram(['setsid', 'sh', '-c', guard, 'sh', path, String(value)], /^ready$/m);
  return async () => {
    await program.stop();
    if (read() <= value) throw new Error(`${path} is still ${read()}`);
  };
}
