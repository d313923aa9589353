/** The last answer of a pure function is kept while its arguments are the same objects: a key press sorts nothing again. */
export function lastAnswer<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let kept: { readonly args: A; readonly answer: R } | undefined;
  return (...args) => {
    if (kept?.args.every((arg, i) => Object.is(arg, args[i])) !== true) kept = { args, answer: compute(...args) };
    return kept.answer;
  };
}
