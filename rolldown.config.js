import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const installed = Object.keys(dependencies);

/** Whether a module stays outside: built into Node, or installed with the package. */
const isOutside = id => id.startsWith('node:') || installed.some(name => id === name || id.startsWith(`${name}/`));

/** What is bundled of other packages goes with their licences. */
const licences = {
  name: 'licences',
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
    const packages = modules.map(id => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]);
    const texts = [...new Set(packages)].filter(Boolean).sort().map(licenceOf);
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: texts.join('\n\n') });
  },
};

function licenceOf(directory) {
  const { name, version } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
  const [file] = readdirSync(directory).filter(entry => /^licen[cs]e/i.test(entry));
  return `${name} ${version}\n\n${readFileSync(`${directory}/${file}`, 'utf8').trim()}\n`;
}

/** One file per command and per part that several share: a program of 500 modules takes half a second to load. */
export default defineConfig({
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  external: isOutside,
  transform: { target: 'node20.19' },
  plugins: [licences],
  output: { dir: 'dist/cli', format: 'esm', chunkFileNames: '[name]-[hash].js' },
});
