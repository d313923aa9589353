import { html } from './html.ts';
import { json } from './json.ts';
import { ndjson } from './ndjson.ts';
import type { SinkFactory } from './sink.ts';
import { table } from './table.ts';

/** Every output format by the name that `--format` and `--output` take. A format is one file and one line here. */
export const sinks = { table, json, ndjson, html } as const satisfies Record<string, SinkFactory>;

export type FormatName = keyof typeof sinks;

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(sinks, name);
