import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** How the programs of the labelling page are bundled; Preact is in them. */
const options = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'error',
  // The compiler's own options belong to a program of Node.
  tsconfigRaw: {},
} as const

/** The page of `@typegrad/label` as one script: all that a browser needs, and nothing from elsewhere. */
export async function labelPage(): Promise<string> {
  return bundled('../packages/label/src/page/main.tsx')
}

/** A program of a browser as one script; `source` is a path from this folder. */
export async function bundled(source: string): Promise<string> {
  const entry = fileURLToPath(new URL(source, import.meta.url))
  const { outputFiles } = await build({ ...options, entryPoints: [entry], write: false })
  return outputFiles[0]?.text ?? ''
}
