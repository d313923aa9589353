/** One password for many hosts. The first host tries it alone: where it is wrong, a thousand tries would lock the account. */

/** A password in use at one host; exactly one of the functions is called, further calls count for nothing. */
export interface Trial {
  readonly value: string;
  readonly accepted: () => void;
  readonly refused: () => void;
  /** The visit ended before the host had said. */
  readonly dropped: () => void;
}

export interface SharedSecret {
  /** Waits for its turn. Undefined: there is none, or the first host refused it. */
  readonly take: () => Promise<Trial | undefined>;
}

/** `fetch` is called once, when the first host wants the secret. */
export function createSharedSecret(fetch: () => Promise<string | undefined>): SharedSecret {
  let secret: Promise<string | undefined> | undefined;
  let verdict: 'accepted' | 'refused' | undefined;
  let turn: Promise<void> = Promise.resolve();

  const trialOf = (value: string, end: () => void): Trial => {
    let isOver = false;
    const settle = (said?: 'accepted' | 'refused') => (): void => {
      if (isOver) return;
      isOver = true;
      // A host that refuses what another took has another password: that says nothing of the rest.
      if (said !== undefined && verdict !== 'accepted') verdict = said;
      end();
    };
    return { value, accepted: settle('accepted'), refused: settle('refused'), dropped: settle() };
  };
  const take = async (): Promise<Trial | undefined> => {
    const before = turn;
    let end = (): void => {};
    if (verdict === undefined) {
      turn = new Promise(resolve => {
        end = resolve;
      });
      await before;
    }
    secret ??= fetch();
    const value = await secret.catch(() => undefined);
    if (value === undefined || verdict === 'refused') {
      end();
      return undefined;
    }
    // Once it is known to be right, nobody waits for anybody.
    if (verdict === 'accepted') end();
    return trialOf(value, end);
  };
  return { take };
}
