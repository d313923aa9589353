// Bundles what the HTML report runs in a browser, as one TypeScript module: script, style sheet, and their hashes for the policy.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const client = 'src/report/html/client';
export const bundleFile = 'src/report/html/client-bundle.ts';

/** Libraries that are bundled; their licences go with them. */
const libraries = ['@tanstack/virtual-core', 'uplot'];

export async function clientBundle() {
  const script = await bundledScript();
  const style = `${readFileSync('node_modules/uplot/dist/uPlot.min.css', 'utf8')}\n${readFileSync(`${client}/report.css`, 'utf8')}`;
  if (/<\/script|<!--|<\/style/i.test(script + style)) throw new Error('the bundle would end its element early');
  return `${[
    '// Made from client/ by `npm run generate`; do not edit.',
    '/** What the page runs. */',
    `export const clientScript = ${JSON.stringify(script)};`,
    '/** For the policy of the page. */',
    `export const clientScriptHash = '${hashOf(script)}';`,
    `export const styleSheet = ${JSON.stringify(style)};`,
    `export const styleSheetHash = '${hashOf(style)}';`,
  ].join('\n')}\n`;
}

async function bundledScript() {
  const build = await rolldown({
    input: `${client}/main.ts`,
    platform: 'browser',
    tsconfig: false,
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const { output } = await build.generate({ format: 'iife', minify: true, banner: licences() });
  await build.close();
  return output[0].code.trim();
}

function licences() {
  const texts = libraries.map(name => {
    const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
    return `${name} ${version}\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}`;
  });
  return `/*!\n${texts.join('\n\n').replaceAll('*/', '* /')}\n*/`;
}

const hashOf = text => `sha256-${createHash('sha256').update(text).digest('base64')}`;
