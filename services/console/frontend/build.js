// Writes services/console/static from styles/ and scripts/. The output is committed, so that
// nobody needs node to run Frontdoor.

import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { compile } from 'sass'
import { slim } from './slim.js'

const target = new URL('../static/', import.meta.url)
const unused = JSON.parse(await readFile('unused.json', 'utf8'))

const styles = compile('styles/console.scss', {
  loadPaths: ['.', 'node_modules'],
  style: 'compressed',
  sourceMap: false,
  quietDeps: true,
  silenceDeprecations: ['if-function']
})
await writeFile(new URL('console.css', target), slim(styles.css, unused) + '\n')

// What components of GOV.UK Frontend call their own fields and methods, which nothing outside of
// them names: a letter does as well.
const inner = new RegExp(`^(_?\\$.*|${[
  'buildIndicator', 'checkInitialised', 'checkMode', 'checkSupport', 'debounceFormSubmitTimer',
  'exitPage', 'focusTarget', 'getAssociatedLegendOrLabel', 'handleClick', 'handleKeyDown',
  'handleKeypress', 'handleMenuButtonClick', 'initButtonClickHandler', 'initUpdateSpan',
  'keypressCounter', 'keypressTimeoutId', 'lastKeyWasModified', 'menuIsOpen', 'resetKeypressTimer',
  'resetPage', 'setKeypressTimer', 'setupResponsiveChecks', 'timeoutMessageId', 'timeoutTime',
  'updateIndicator'
].join('|')})$`)

// Parts of GOV.UK Frontend in the place of which ours are taken, which are shorter.
const instead = {
  name: 'instead',
  setup (build) {
    build.onResolve({ filter: /\/(i18n|errors\/index)\.mjs$/ }, ({ path, importer }) => {
      if (!importer.includes('govuk-frontend')) return
      const name = path.includes('i18n') ? 'i18n' : 'errors'
      return { path: fileURLToPath(new URL(`instead/${name}.js`, import.meta.url)) }
    })
  }
}

await build({
  entryPoints: ['scripts/console.js'],
  outfile: new URL('console.js', target).pathname,
  bundle: true,
  minify: true,
  mangleProps: inner,
  format: 'esm',
  target: 'es2020',
  legalComments: 'none',
  plugins: [instead]
})

await copyFile('styles/favicon.svg', new URL('favicon.svg', target))
