/** `LocalForward`, `RemoteForward`, `DynamicForward`: only whether ssh would take them. parse_forward() of readconf.c. */
import type { ValueReader, ValueTools } from './keyword-values.ts';
import { expandVariables } from './tokens.ts';

/** A field of a specification: a port, a host, or the path of a socket. */
interface Field {
  readonly text: string;
  readonly isPath: boolean;
}

/** Fields between colons; `[…]` keeps its colons. Undefined where a bracket does not close. */
function fieldsOf(text: string): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (let rest = text; rest !== ''; ) {
    const [whole, bracketed] = /^\[([^\]]*)\](?::|$)/.exec(rest) ?? [];
    const [plain, before = ''] = /^((?:\\.|[^:\\])*)(?::|$)/s.exec(rest) ?? [];
    const taken = rest.startsWith('[') ? whole : plain;
    if (taken === undefined) return undefined;
    const field = bracketed ?? before.replace(/\\(.)/gs, '$1');
    fields.push({ text: field, isPath: field.includes('/') });
    rest = rest.slice(taken.length);
  }
  return fields;
}

interface Forward {
  readonly listen: Field | undefined;
  /** Undefined for a dynamic one. */
  readonly connect: Field | undefined;
}

/** Which of the fields are the two ends, by their number: the form of the man page. */
function endsOf(fields: readonly Field[]): Forward | undefined {
  const [a, b, c, d] = fields;
  switch (fields.length) {
    case 1:
      return { listen: a, connect: undefined };
    case 2:
      return b?.isPath ? { listen: a, connect: b } : { listen: b, connect: undefined };
    case 3:
      return c?.isPath && !a?.isPath ? { listen: b, connect: c } : { listen: a, connect: c };
    case 4:
      return { listen: b, connect: d };
    default:
      return undefined;
  }
}

type Way = 'local' | 'remote' | 'dynamic';

function isForward(text: string, way: Way, tools: ValueTools): boolean {
  const expansion = expandVariables(text, tools.variable);
  const fields = 'problem' in expansion ? undefined : fieldsOf(expansion.text.trimStart());
  const ends = fields === undefined ? undefined : endsOf(fields);
  if (ends === undefined) return false;
  const { listen, connect } = ends;
  const port = (field: Field): number => {
    if (field.isPath) return 1;
    if (/^\+?\d{1,8}$/.test(field.text)) return Number(field.text);
    return tools.servicePort(field.text) ?? -1;
  };
  const isPort = (field: Field | undefined, least: number): boolean =>
    field !== undefined && port(field) >= least && port(field) <= 65_535;
  if (!isPort(listen, way === 'remote' ? 0 : 1)) return false;
  return way === 'dynamic' ? connect === undefined : isPort(connect, 1);
}

/** One argument, or two of which the second says where to. */
export const forward =
  (kind: Way): ValueReader =>
  ({ keyword, args }, tools) => {
    const [from = '', to = '', ...others] = args;
    const bad = { problem: `bad ${keyword} "${args.join(' ')}"` };
    if (from === '' || others.length > 0 || (kind === 'local' && to === '') || (kind === 'dynamic' && to !== '')) {
      return bad;
    }
    const way = to === '' ? 'dynamic' : kind;
    const text = to === '' ? from : `${from}:${to}`;
    // A remote one without a target may let the server choose the port, too.
    const isGood = isForward(text, way, tools) || (kind === 'remote' && to === '' && /^(?:.*:)?0$/.test(from));
    return isGood ? { value: args } : bad;
  };
