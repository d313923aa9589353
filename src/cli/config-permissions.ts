import { readFileSync } from 'node:fs';

/** Owner and mode of a file of ssh_config: what stat(2) tells. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Why ssh would not read the file, undefined if it would: read_config_file_depth() of readconf.c. The group may write it if
 * nobody but the owner is in it: there umask 002 is common, and Debian's ssh takes such files (secure_permissions(), its
 * patch "user-group-modes"). Others refuse them.
 */
export function permissionProblem({ uid, gid, mode }: FileOwner): string | undefined {
  if (uid !== 0 && uid !== process.getuid?.()) return 'bad owner: neither root nor you';
  if ((mode & 0o002) !== 0) return 'bad permissions: others may write it';
  return (mode & 0o020) !== 0 && !isPrivateGroup(gid) ? 'bad permissions: its group may write it' : undefined;
}

/** Whether we are the one member of a group, by the files of this machine. */
function isPrivateGroup(gid: number): boolean {
  const users = fieldsOf('/etc/passwd');
  const us = users.find(([, , uid]) => uid === String(process.getuid?.()))?.[0];
  const primary = users.filter(([, , , group]) => group === String(gid)).map(([name]) => name);
  const group = fieldsOf('/etc/group').find(([, , id]) => id === String(gid));
  const members = [...primary, ...(group?.[3] ?? '').split(',').filter(name => name !== '')];
  return us !== undefined && members.length > 0 && members.every(name => name === us);
}

function fieldsOf(file: string): readonly (readonly string[])[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map(line => line.split(':'));
  } catch {
    return [];
  }
}
