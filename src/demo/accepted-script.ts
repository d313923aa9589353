/** What the collector is asked to do: `CollectorOptions` of collect/script.ts, which is given to the fleet, not imported. */
export interface ScriptOptions {
  readonly boundary: string;
  /** Unit: s. */
  readonly intervalSeconds: number;
  readonly sockets: 'bounded' | 'all';
}

/** `collectorScript` of collect/script.ts. */
export type CollectorText = (options: ScriptOptions) => string;

/** The only line in which two collector texts differ. The bounds keep a hostile text from costing anything. */
const parameters = /^boundary=([0-9a-f]{32,128}) interval=(\d{1,5}) bounded=(yes|no)$/m;

/**
 * The options of a collector text, or undefined for any other text: the script is written again with the options it
 * claims, and must come out the same to the last byte.
 */
export function acceptedScript(text: string, collector: CollectorText): ScriptOptions | undefined {
  const [, boundary, interval, bounded] = parameters.exec(text) ?? [];
  if (boundary === undefined) return undefined;
  const options: ScriptOptions = {
    boundary,
    intervalSeconds: Number(interval),
    sockets: bounded === 'yes' ? 'bounded' : 'all',
  };
  return collector(options) === text ? options : undefined;
}
