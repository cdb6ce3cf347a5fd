// Writes services/console/static from styles/ and scripts/. The output is committed, so that
// nobody needs node to run Frontdoor.

import { copyFile, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { compile } from 'sass'

const target = new URL('../static/', import.meta.url)

const styles = compile('styles/console.scss', {
  loadPaths: ['.', 'node_modules'],
  style: 'compressed',
  sourceMap: false,
  quietDeps: true,
  silenceDeprecations: ['if-function']
})
await writeFile(new URL('console.css', target), styles.css + '\n')

await build({
  entryPoints: ['scripts/console.js'],
  outfile: new URL('console.js', target).pathname,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2020',
  legalComments: 'none'
})

await copyFile('styles/favicon.svg', new URL('favicon.svg', target))
