import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which folder of src/ may import which others (docs/ARCHITECTURE.md). `types:x` allows `import type` from x alone. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  text: [],
  sources: ['model', 'text'],
  collect: ['model', 'text', 'sources'],
  snapshot: ['model', 'text', 'sources', 'collect'],
  rules: ['model', 'text'],
  inventory: ['model', 'text'],
  plan: ['model', 'text'],
  transport: ['model', 'text'],
  engine: [
    'model',
    'text',
    'collect',
    'snapshot',
    'rules',
    'types:inventory',
    'types:plan',
    'types:transport',
    'types:history',
  ],
  history: ['model', 'text'],
  report: ['model', 'text'],
  remediate: ['model', 'text', 'types:transport'],
  probe: ['model', 'text', 'types:transport'],
  demo: ['model', 'text'],
  ui: ['model', 'text'],
  cli: [
    'model',
    'text',
    'sources',
    'collect',
    'snapshot',
    'rules',
    'inventory',
    'plan',
    'transport',
    'engine',
    'history',
    'report',
    'remediate',
    'probe',
    'demo',
    'ui',
  ],
};

/** From bytes to findings nothing knows of the machine it runs on. */
const pure = ['model', 'text', 'sources', 'collect', 'snapshot', 'rules', 'inventory', 'plan', 'report'];

/** Modules that one place only may know. */
const kept: Readonly<Record<string, readonly string[]>> = {
  ssh2: ['transport', 'demo'],
  'node:child_process': ['transport', 'demo'],
  'node:fs': ['cli', 'history', 'transport', 'demo'],
  commander: ['cli'],
  zod: ['inventory', 'report'],
  yaml: ['inventory'],
  'p-map': ['engine'],
  uplot: ['report'],
  '@tanstack/virtual-core': ['report'],
  ink: ['ui'],
  react: ['ui'],
};

const src = join(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  name => /\.tsx?$/.test(name) && statSync(join(src, name)).isFile(),
);

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly typeOnly: boolean;
  readonly from: string;
}

const imports: readonly Import[] = files.flatMap(file => {
  const text = readFileSync(join(src, file), 'utf8');
  const pattern = /^(?:import|export)\s+(type\s)?[^;'"]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;
  return [...text.matchAll(pattern)].map(match => ({
    file,
    folder: file.split(sep)[0] as string,
    typeOnly: match[1] !== undefined,
    from: (match[2] ?? match[3]) as string,
  }));
});

describe('who imports whom', () => {
  it('is as the table says', () => {
    const wrong = imports.filter(({ file, folder, from, typeOnly }) => {
      if (!from.startsWith('.')) return false;
      const target = relative(src, join(src, file, '..', from)).split(sep)[0] as string;
      const allowed = mayImport[folder] ?? [];
      return target !== folder && !allowed.includes(target) && !(typeOnly && allowed.includes(`types:${target}`));
    });
    expect(wrong.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
  });

  it('knows every folder', () => {
    expect(
      [...new Set(files.map(file => file.split(sep)[0]))].filter(folder => mayImport[folder as string] === undefined),
    ).toEqual([]);
  });

  it('keeps the core free of node:', () => {
    const wrong = imports.filter(({ folder, from }) => pure.includes(folder) && from.startsWith('node:'));
    expect(wrong.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
  });

  it.each(Object.entries(kept))('keeps %s in %j', (module, folders) => {
    const wrong = imports.filter(
      ({ folder, from }) => (from === module || from.startsWith(`${module}/`)) && !folders.includes(folder),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });
});

describe('source files', () => {
  const sources = files.map(file => ({ file, text: readFileSync(join(src, file), 'utf8') }));

  it('read process.* in cli/ alone', () => {
    const wrong = sources.filter(
      ({ file, text }) => !file.startsWith('cli') && /\bprocess\.(?!hrtime)/.test(withoutComments(text)),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('end the program in one place', () => {
    const wrong = sources.filter(
      ({ file, text }) => file !== join('cli', 'exit.ts') && /process\.exit\b|process\.exitCode/.test(text),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('stay short enough to be read at once', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 260).map(({ file }) => file);
    expect(long).toEqual([]);
  });

  it('are not called by what they are made of', () => {
    expect(files.filter(file => /(?:^|[/.-])(?:utils?|helpers?|common|manager|misc)(?:[/.-]|$)/i.test(file))).toEqual(
      [],
    );
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
