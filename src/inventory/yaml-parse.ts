import {
  Composer,
  CST,
  type Document,
  type DocumentOptions,
  type LineCounter,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from 'yaml';

/**
 * Levels of one document. The composer calls itself once per level, and where that exhausts the stack inside a regular
 * expression V8 ends the process, which nothing can catch (FatalProcessOutOfMemory of its RegExpCompiler).
 */
export const maxYamlDepth = 500;

/** The first document of a text and whether another follows, or the offset at which it is nested too deep. */
export type ParsedYaml =
  | { readonly document: Document.Parsed; readonly next: number | null }
  | { readonly tooDeepAt: number };

type Options = ParseOptions & DocumentOptions & SchemaOptions & { readonly lineCounter: LineCounter };

/** What `parseDocument` of the library does, with a look at the depth between its two halves. */
export function parseYaml(text: string, options: Options): ParsedYaml {
  const tokens = [...new Parser(options.lineCounter.addNewLine).parse(text)];
  const tooDeepAt = firstTooDeep(tokens);
  if (tooDeepAt !== undefined) return { tooDeepAt };
  const [document, next] = new Composer(options).compose(tokens, true, text.length);
  // An empty text has a document, too: it was asked for.
  if (document === undefined) throw new Error('the library composed no document');
  return { document: document as Document.Parsed, next: next === undefined ? null : next.range[0] };
}

/** Without recursion. */
function firstTooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open = tokens.map(token => ({ token, depth: 0 }));
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { token, depth } = at;
    if (depth > maxYamlDepth) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth: depth + 1 });
    if (!CST.isCollection(token)) continue;
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 });
      if (value) open.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}
