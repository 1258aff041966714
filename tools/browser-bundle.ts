import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Packages that are loaded in Node alone, as docs/guide/installing.md tells bundlers for browsers. */
export const onlyInNode = [
  'node:*',
  '@typegrad/node',
  '@duckdb/node-api',
  '@huggingface/hub',
  'csv-parse',
  'sharp',
]

/** A page and its program in a folder, bundled from this repository's sources with the settings of docs/guide/installing.md. */
export async function bundlePage(program: string, folder: string): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="main.js"></script>')
  await build({
    stdin: { contents: program, resolveDir: root, sourcefile: 'main.js' },
    tsconfig: join(root, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    external: onlyInNode,
    outdir: folder,
    entryNames: 'main',
    logLevel: 'error',
  })
}
