/** `%C`: one name for a connection, as ssh_connection_hash() of readconf.c makes it. */
import type { Surroundings } from './inputs.ts';
import { parseJump } from './jump.ts';

/** What the hash is made of; `jump` is undefined where this ssh leaves the jump host out. */
export interface HashedConnection {
  readonly hostName: string;
  readonly port: string;
  readonly user: string;
  readonly jump: string | undefined;
}

/** SHA-1 in hexadecimal. */
export const connectionHash = (
  { hostName, port, user, jump = '' }: HashedConnection,
  { hostName: thisHost, sha1 }: Surroundings,
): string => sha1(`${thisHost}${hostName}${port}${user}${jump}`);

/** The jump host nearest to the target, which stands for all of them in `%j` and `%C`; empty for none. */
export const lastJump = (list: string | undefined, { servicePort }: Surroundings): string =>
  parseJump(list ?? 'none', servicePort)?.at(-1)?.name ?? '';
