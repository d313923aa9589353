/** What a collector text asks for. */
export interface ScriptOptions {
  readonly boundary: string;
  /** Unit: s. */
  readonly intervalSeconds: number;
  readonly sockets: 'bounded' | 'all';
}

/** The only line in which two collector texts differ. The bounds keep a hostile text from costing anything. */
const parameters = /^boundary=([0-9a-f]{32,128}) interval=(\d{1,5}) bounded=(yes|no) idle='[0-9 ]{0,80}'$/m;

/** The place of the line stays marked: it may not stand elsewhere. */
const withoutParameters = (text: string): string => text.replace(parameters, '@parameters');

/**
 * The options of a collector text, or undefined for any other text: but for the values in its first line of parameters
 * it must be the same as `collector`, which is any output of `collectorScript` (collect/script.ts), to the last byte.
 */
export function acceptedScript(text: string, collector: string): ScriptOptions | undefined {
  const [, boundary, interval, bounded] = parameters.exec(text) ?? [];
  if (boundary === undefined || withoutParameters(text) !== withoutParameters(collector)) return undefined;
  return { boundary, intervalSeconds: Number(interval), sockets: bounded === 'yes' ? 'bounded' : 'all' };
}
