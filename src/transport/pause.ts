/** The pause before a connection is tried again. */

/** Before the second try, and twice as much before each further one: long enough for sshd to finish a few logins, apart enough not to come all at once. */
const jitterMs = { least: 200, most: 1_000 };
/** `tries` have failed. Rejects with the signal's reason. */
export function pauseBeforeNextTry(signal: AbortSignal, tries = 1): Promise<void> {
  const ms = (jitterMs.least + Math.random() * (jitterMs.most - jitterMs.least)) * 2 ** (tries - 1);
  return new Promise((resolve, reject) => {
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => done(() => reject(signal.reason));
    const timer = setTimeout(() => done(resolve), ms);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
