/**
 * The same text in memory of its own. V8 keeps a part of a string as a view of the whole: the release name of a host
 * would hold all 40 KB that the host printed, for as long as the result lives.
 */
export const detached = (text: string): string => ` ${text}`.slice(1);
