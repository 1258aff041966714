import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const tsconfig = fileURLToPath(new URL('../tsconfig.json', import.meta.url))

const bundles = new Map<string, Promise<string>>()
let folder: string | undefined

/** The folder of this thread's bundles, which goes with the thread. */
function folderOfBundles(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'typegrad-programs-'))
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  folder = made
  return made
}

/**
 * A program of TypeScript and all sources of the repository that it imports as one file of JavaScript, for tests that
 * start it in a process of its own: plain Node has it running a few seconds earlier than tsx, which looks at some 800
 * files each time. It is made once, and finds files and packages as its sources do.
 *
 * @param program the path or file URL of a program, or of a module that one imports.
 * @param before modules that run before it.
 * @returns the path of the JavaScript.
 */
export function bundleProgram(program: string | URL, before: readonly URL[] = []): Promise<string> {
  const entry = program instanceof URL || program.startsWith('file:') ? fileURLToPath(program) : program
  const key = [...before, entry].join()
  const known = bundles.get(key)
  if (known !== undefined) return known
  const outfile = join(folderOfBundles(), `${basename(entry, '.ts')}-${bundles.size}.mjs`)
  const made = build({
    stdin: {
      contents: [...before.map((module) => fileURLToPath(module)), entry]
        .map((path) => `export * from ${JSON.stringify(path)}`)
        .join('\n'),
      resolveDir: dirname(entry),
    },
    outfile,
    tsconfig,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    plugins: [whereSourcesAre],
    logLevel: 'error',
  }).then(() => outfile)
  bundles.set(key, made)
  return made
}

/** Modules keep the URL of their source, and packages are loaded from where sources would find them. */
const whereSourcesAre: Plugin = {
  name: 'where sources are',
  setup({ onLoad, onResolve, resolve }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      if (!source.includes('import.meta.url')) return { contents: source, loader: 'ts' }
      // By a name, which does no harm within a text that speaks of it, where quotes would end the text.
      const url = `const urlOfSource = ${JSON.stringify(pathToFileURL(path).href)};`
      return { contents: `${url}${source.replaceAll('import.meta.url', 'urlOfSource')}`, loader: 'ts' }
    })
    // Names of packages; those that tsconfig.json has paths for are sources of the repository.
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked' || path.startsWith('node:')) return undefined
      const found = await resolve(path, { ...from, pluginData: 'asked' })
      if (found.errors.length > 0 || found.external || found.path.endsWith('.ts')) return found
      return { path: pathToFileURL(found.path).href, external: true }
    })
  },
}
