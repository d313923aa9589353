/** What the system answers, in words that people know it by. */

export const isErrno = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error;

/** `no such file`, `permission denied`; what has no entry here is told as Node tells it. */
export function errnoText(error: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
    ENOTDIR: 'a part of the path is no directory',
    ENOSPC: 'no space left on the disk',
    EROFS: 'read-only file system',
  };
  return words[error.code ?? ''] ?? error.message;
}

/** Why anything that was thrown was thrown. */
export const reasonOf = (error: unknown): string =>
  isErrno(error) ? errnoText(error) : error instanceof Error ? error.message : String(error);
