import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { osReleaseFile } from '../../src/sources/identity.ts';
import { counterSources } from '../../src/sources/index.ts';
import { type FileSource, ParseError } from '../../src/sources/source.ts';
import { uptime } from '../../src/sources/uptime.ts';

const corpus = join(import.meta.dirname, '../../../shared/corpus');
const sources: readonly FileSource<unknown>[] = [...counterSources, uptime, osReleaseFile];

function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap(name => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** Files of the corpus that make no sense, and why each is rightly refused. */
const refused: Readonly<Record<string, string>> = {
  'procfs-fixtures/proc/net/softnet_stat.broken': 'expected at least 9 columns',
  // the text of a link, stored as a file
  'hotsos-kubernetes/etc/os-release': 'neither PRETTY_NAME nor NAME',
};

const present = existsSync(corpus);
const all = present ? filesBelow(join(corpus, 'proc')) : [];

/** Files of the corpus that this source would read; some captures have a prefix or a number in the name. */
function filesOf(source: FileSource<unknown>): string[] {
  const name = source.path.split('/').at(-1) as string;
  return all.filter(path => new RegExp(`/(net_|proc_net_)?${name}(\\.broken|_\\d)?$`).test(path));
}

describe.skipIf(!present)('real files of many kernels', () => {
  const withFiles = sources.filter(source => filesOf(source).length > 0);

  it('are there for every counter source that old captures have', () => {
    expect(withFiles.length).toBeGreaterThanOrEqual(11);
  });

  it.each(withFiles.map(source => [source.path, source] as const))(
    '%s parses, or is refused for a reason that is true',
    (_path, source) => {
      for (const path of filesOf(source)) {
        const short = path.slice(join(corpus, 'proc').length + 1);
        let outcome = 'parsed';
        try {
          source.parse(readFileSync(path, 'utf8'));
        } catch (error) {
          expect(error, short).toBeInstanceOf(ParseError);
          outcome = (error as ParseError).message;
        }
        expect(`${short}: ${outcome}`).toContain(`${short}: ${refused[short] ?? 'parsed'}`);
      }
    },
  );
});
