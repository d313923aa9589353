/** The last answer of a pure function is kept while its arguments are the same objects: a key press sorts nothing again. */
export function lastAnswer<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let kept: { readonly args: A; readonly answer: R } | undefined;
  return (...args) => {
    if (kept?.args.every((arg, i) => Object.is(arg, args[i])) !== true) kept = { args, answer: compute(...args) };
    return kept.answer;
  };
}

/** As `lastAnswer`, for what is made from its last answer in less time than anew. The answer must not depend on that. */
export function nextAnswer<A extends readonly unknown[], R>(
  compute: (last: R | undefined, ...args: A) => R,
): (...args: A) => R {
  let last: R | undefined;
  return lastAnswer((...args: A) => {
    last = compute(last, ...args);
    return last;
  });
}
