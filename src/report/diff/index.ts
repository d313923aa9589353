import { html } from './html.ts';
import { json } from './json.ts';
import type { DiffSink } from './sink.ts';
import { table } from './table.ts';

/** Formats of a comparison by the name that `--format` and `--output` take. */
export const diffSinks = { table, json, html } as const satisfies Record<string, DiffSink>;

export type DiffFormatName = keyof typeof diffSinks;
