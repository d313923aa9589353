import { runSchema } from '../model/run.ts';
import type { SinkFactory } from './sink.ts';

/** One record per line as hosts finish: `run`, then `host` per host, then `end`. The same records as a stored run without its snapshots. */
export const ndjson: SinkFactory =
  ({ write }) =>
  event => {
    if (event.type === 'run') write(`${JSON.stringify({ type: 'run', schema: runSchema, ...event.run })}\n`);
    else if (event.type === 'host') write(`${JSON.stringify({ type: 'host', ...event.result })}\n`);
    else if (event.type === 'end') write(`${JSON.stringify(event)}\n`);
  };
