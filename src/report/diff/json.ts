import { diffSchema } from '../../model/diff.ts';
import type { DiffSink } from './sink.ts';

/** One document, `synaudit/diff/1` (schema/diff.schema.json); written host by host, so that it is never one string. */
export const json: DiffSink = ({ before, after, remarks, summary, rates, hosts }, { write }) => {
  write(`{"schema":${JSON.stringify(diffSchema)},\n`);
  for (const [part, value] of Object.entries({ before, after, remarks, summary, rates }))
    write(`"${part}":${JSON.stringify(value)},\n`);
  write('"hosts":[');
  hosts.forEach((host, i) => {
    write(`${i === 0 ? '\n' : ',\n'}${JSON.stringify(host)}`);
  });
  write('\n]}\n');
};
