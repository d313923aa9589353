import { describe, expect, test } from 'vitest';
import { createCrowd, createEndpoints } from '../../src/transport/endpoints.ts';
import { createSharedSecret, type Trial } from '../../src/transport/shared-secret.ts';
import { planOf } from '../ssh/visits.ts';

const never = () => new AbortController().signal;
const turn = () => new Promise(resolve => setImmediate(resolve));

describe('logins at one sshd', () => {
  /** How many of twenty are let in at once. */
  const most = async (prepare: (endpoint: ReturnType<typeof createCrowd>) => void) => {
    const endpoint = createCrowd();
    prepare(endpoint);
    let inside = 0;
    for (let n = 0; n < 20; n++) void endpoint.enter(never()).then(() => inside++);
    await turn();
    return inside;
  };

  test.each([
    ['as many as an sshd takes without a word', [], 8],
    ['half as many once it drops one', ['dropped'], 4],
    ['never none', Array(10).fill('dropped'), 1],
    ['again more, slowly', ['dropped', ...Array(4).fill('accepted')], 4],
    ['again more, in the end', ['dropped', ...Array(100).fill('accepted')], 8],
  ] as const)('%s', async (_, events: readonly ('dropped' | 'accepted')[], expected) => {
    expect(await most(endpoint => events.forEach(event => void endpoint[event]()))).toBe(expected);
  });

  test('a place that is given back, any number of times, goes to one other; who gives up gets none', async () => {
    const endpoint = createCrowd();
    const leaves = await Promise.all(Array.from({ length: 8 }, () => endpoint.enter(never())));
    const impatient = new AbortController();
    const given: string[] = [];
    const lost = endpoint.enter(impatient.signal).catch(reason => given.push(`${reason}`));
    for (const name of ['first', 'second']) void endpoint.enter(never()).then(() => given.push(name));
    impatient.abort('gave up');
    await lost;
    leaves[0]?.();
    leaves[0]?.();
    await turn();
    expect(given).toEqual(['gave up', 'first']);
  });

  test('an endpoint is an address and port behind the same hops; a proxy that is ssh is the jump host', () => {
    const at = (address: string, port = 22) => planOf({ address, port }, { host: address });
    const proxied = (address: string, command: string) => ({
      ...at(address),
      proxyCommand: command.replace('%h', address),
    });
    const shared = (...plans: readonly (readonly [ReturnType<typeof at>, ReturnType<typeof at>[]])[]) => {
      const endpoints = createEndpoints();
      return plans.map(([plan, hops]) => endpoints(plan, hops)).map(endpoint => endpoint.isShared());
    };
    expect(shared([at('192.0.2.1'), []], [at('192.0.2.1', 23), []], [at('192.0.2.2'), []])).not.toContain(true);
    expect(shared([at('192.0.2.1'), []], [at('192.0.2.1'), [at('192.0.2.9')]])).not.toContain(true);
    expect(shared([at('192.0.2.1'), []], [at('192.0.2.1'), []])).toEqual([true, true]);
    const jump = 'ssh -W %h:22 bastion';
    expect(shared([proxied('192.0.2.1', jump), []], [proxied('192.0.2.2', jump), []])).toEqual([true, true]);
    const connect = 'nc -X connect proxy %h';
    expect(shared([proxied('192.0.2.1', connect), []], [proxied('192.0.2.2', connect), []])).not.toContain(true);
  });
});

describe('one secret for many hosts', () => {
  const four = () => {
    let fetched = 0;
    const secret = createSharedSecret(async () => {
      fetched += 1;
      return 'it';
    });
    const got: (Trial | undefined)[] = [];
    for (let n = 0; n < 4; n++) void secret.take().then(trial => got.push(trial));
    return { got, secret, fetched: () => fetched };
  };

  test.each([
    ['accepted', 4, ['it', 'it', 'it', 'it']],
    ['refused', 4, ['it', undefined, undefined, undefined]],
    ['dropped', 2, ['it', 'it']],
  ] as const)('%s by the first', async (said, count, values) => {
    const { got, fetched } = four();
    await turn();
    expect(got.map(trial => trial?.value)).toEqual(['it']);
    got[0]?.[said]();
    await turn();
    expect(got).toHaveLength(count);
    expect(got.map(trial => trial?.value)).toEqual(values);
    expect(fetched()).toBe(1);
  });

  test('what one host took, another may refuse: it is still given to the rest', async () => {
    const { got, secret } = four();
    await turn();
    got[0]?.accepted();
    await turn();
    got[1]?.refused();
    expect((await secret.take())?.value).toBe('it');
  });

  test('nobody answers: nobody waits', async () => {
    const secret = createSharedSecret(async () => undefined);
    expect(await Promise.all([secret.take(), secret.take()])).toEqual([undefined, undefined]);
    const broken = createSharedSecret(() => Promise.reject(new Error('no terminal')));
    expect(await Promise.all([broken.take(), broken.take()])).toEqual([undefined, undefined]);
  });
});
