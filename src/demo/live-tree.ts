import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Machine, movingFiles, standingFiles, type Tree } from './tree.ts';

/** Far shorter than any interval between two samples, which is a whole number of seconds. Unit: ms. */
const tickMs = 250;

/** A host's files on disk. They move with the time as long as somebody reads them. */
export interface LiveTree {
  readonly root: string;
  /** Sets the files to this instant and keeps them moving until the returned function is called. */
  open(): Promise<() => void>;
}

async function writeTree(root: string, tree: Tree): Promise<void> {
  const directories = new Set([...tree.keys()].map(path => dirname(join(root, path))));
  for (const directory of directories) await mkdir(directory, { recursive: true });
  for (const [path, entry] of tree) {
    const target = join(root, path);
    if (typeof entry === 'string') await writeFile(target, entry);
    else await symlink(entry.link, target);
  }
}

/** Each file is replaced in one step: a reader sees the old text or the new one, never a part. */
async function replaceFiles(root: string, tree: Tree): Promise<void> {
  for (const [path, entry] of tree) {
    if (typeof entry !== 'string') continue;
    const target = join(root, path);
    await writeFile(`${target}.next`, entry);
    await rename(`${target}.next`, target);
  }
}

/** Writes the tree of a machine below `root`. `seconds` is the clock of the fleet. */
export async function liveTree(machine: Machine, root: string, seconds: () => number): Promise<LiveTree> {
  await writeTree(root, standingFiles(machine));
  await writeTree(root, movingFiles(machine, seconds()));
  let readers = 0;
  let update: Promise<void> = Promise.resolve();
  const move = (): Promise<void> => {
    // A write that fails (disk full, fleet closed) leaves the older text: the counters stand still, and that shows.
    update = update.then(() => replaceFiles(root, movingFiles(machine, seconds()))).catch(() => undefined);
    return update;
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    root,
    open: async () => {
      readers++;
      timer ??= setInterval(() => void move(), tickMs);
      await move();
      let isOpen = true;
      return () => {
        if (isOpen) readers--;
        isOpen = false;
        if (readers > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
