/** `true satisfies Same<A, B>` fails to compile where a schema and the type of model/ that it stands for say different things. */
export type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
