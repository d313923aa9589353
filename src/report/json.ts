import { type RunEvent, type RunInfo, runSchema } from '../model/run.ts';
import type { SinkFactory } from './sink.ts';

/** One document, `synaudit/run/1` (schema/run.schema.json). Hosts are kept as their text: a fifth of the memory of the objects. */
export const json: SinkFactory = ({ write }) => {
  const hosts: string[] = [];
  let run: RunInfo | undefined;
  return event => {
    if (event.type === 'run') run = event.run;
    else if (event.type === 'host') hosts.push(JSON.stringify(event.result));
    else if (event.type === 'end' && run !== undefined) writeDocument(write, { run, hosts, end: event });
  };
};

interface Finished {
  readonly run: RunInfo;
  readonly hosts: readonly string[];
  readonly end: Extract<RunEvent, { type: 'end' }>;
}

/** Written in pieces: a document of 10,000 hosts is never one string. */
function writeDocument(write: (text: string) => void, { run, hosts, end }: Finished): void {
  const { finishedAt, interrupted, summary, fleet } = end;
  write(`{"schema":${JSON.stringify(runSchema)},\n`);
  write(`"run":${JSON.stringify({ ...run, finishedAt, interrupted })},\n`);
  write(`"summary":${JSON.stringify(summary)},\n`);
  for (const [part, value] of Object.entries(fleet)) write(`"${part}":${JSON.stringify(value)},\n`);
  write('"hosts":[');
  hosts.forEach((host, i) => {
    write(i === 0 ? `\n${host}` : `,\n${host}`);
  });
  write('\n]}\n');
}
