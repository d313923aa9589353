/** Where connections start: BindAddress and BindInterface of ssh_config(5). */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ConnectPlan } from '../model/plan.ts';
import { Refusal } from './errors.ts';

/** The part of a plan that says where to start. */
type Start = Pick<ConnectPlan, 'host' | 'addressFamily' | 'bindAddress' | 'bindInterface' | 'origins'>;

/** The address to start from; undefined where the kernel chooses. Rejects with a Refusal `unreachable`. */
export async function localEnd(plan: Start): Promise<string | undefined> {
  const { bindAddress, bindInterface, addressFamily } = plan;
  const family = addressFamily === 'inet' ? 4 : addressFamily === 'inet6' ? 6 : 0;
  if (bindAddress !== undefined) {
    if (isIP(bindAddress) !== 0) return bindAddress;
    const found = await lookup(bindAddress, { family }).catch(() => undefined);
    if (found === undefined) throw noStart(plan, `BindAddress ${bindAddress}`, plan.origins['bindAddress']);
    return found.address;
  }
  if (bindInterface === undefined) return undefined;
  const addresses = (networkInterfaces()[bindInterface] ?? []).filter(
    ({ family: kind }) => family === 0 || kind === `IPv${family}`,
  );
  // As ssh: an address that is good beyond the link, else any.
  const best = addresses.find(({ address }) => !/^fe80:/i.test(address)) ?? addresses[0];
  if (best === undefined) throw noStart(plan, `BindInterface ${bindInterface}`, plan.origins['bindInterface']);
  return best.address;
}

const noStart = ({ host }: Start, what: string, origin: string | undefined): Refusal =>
  new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: 'no-local-address',
    message: `no connection to ${host} can start: ${what} (${origin}) is no address of this machine`,
    hint: 'correct it in ssh_config',
    retryable: false,
  });
