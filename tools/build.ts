/**
 * Builds the packages into their `dist` folders: JavaScript by esbuild, one file for each door and chunks that they
 * share, and declarations by the compiler. All packages at once, because each knows the doors of another.
 *
 * `--bundle` leaves the declarations out.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { labelPage } from './label-page.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = [
  'typegrad',
  'node',
  'web',
  'hub',
  'transformers',
  'data',
  'label',
  'tabular',
  'cli',
] as const

/** The doors of a package, by the name of the file that they become. */
function doorsOf(name: string): Record<string, string> {
  const source = `${root}packages/${name}/src`
  const doors = name === 'typegrad' ? readdirSync(`${source}/doors`) : []
  return {
    index: `${source}/index.ts`,
    // What browsers may know of it.
    ...(name === 'hub' && { options: `${source}/options.ts` }),
    // The command itself stands beside what programs import.
    ...(name === 'cli' && { bin: `${source}/bin.ts` }),
    ...(name === 'label' && { component: `${source}/component/index.ts` }),
    // Programs of threads and processes stand beside the package's main file.
    ...(name === 'data' && { 'picture-worker': `${source}/images/picture-worker.node.ts` }),
    ...(name === 'transformers' && { 'memory-program': `${source}/quantize/memory-program.node.ts` }),
    ...Object.fromEntries(doors.map((file) => [basename(file, '.ts'), `${source}/doors/${file}`])),
  }
}

/** @param distOf the folder that a package is built into, which is emptied. */
export async function buildPackages(
  distOf: (name: string) => string,
  { declarations = true } = {},
): Promise<void> {
  for (const name of packages) {
    const outdir = distOf(name)
    rmSync(outdir, { recursive: true, force: true })
    await build({
      entryPoints: doorsOf(name),
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'neutral',
      target: 'es2023',
      keepNames: true,
      packages: 'external',
      external: ['node:*'],
      sourcemap: true,
      logLevel: 'error',
      // The paths of the compiler's options are the sources of packages that stay apart.
      tsconfigRaw: {},
      jsx: 'automatic',
      jsxImportSource: 'preact',
    })
  }
  writeFileSync(`${distOf('label')}/page.js`, await labelPage())
  await buildWasmRuntime(distOf('runtime-wasm'))
  if (declarations) writeDeclarations(distOf)
}

/**
 * Of onnxruntime-web the build for Node, the one for browsers that has WebAssembly alone, and what both load. It keeps
 * their names, by which they find each other.
 */
async function buildWasmRuntime(dist: string): Promise<void> {
  const from = `${root}node_modules/onnxruntime-web/dist`
  const common = `${root}node_modules/onnxruntime-common/dist/esm`
  rmSync(dist, { recursive: true, force: true })
  for (const file of [
    'ort.wasm.bundle.min.mjs',
    'ort.wasm.bundle.min.mjs.map',
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
  ])
    cpSync(`${from}/${file}`, `${dist}/${file}`)
  await build({
    entryPoints: [`${from}/ort.node.min.mjs`],
    outfile: `${dist}/ort.node.min.mjs`,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    alias: { 'onnxruntime-common': `${common}/index.js` },
    sourcemap: true,
    logLevel: 'error',
  })
  // The types of the runtime are those of what it shares with its siblings.
  cpSync(common, dist, { recursive: true, filter: (path) => path === common || path.endsWith('.d.ts') })
}

function writeDeclarations(distOf: (name: string) => string): void {
  const folder = `${root}.declarations-${process.pid}`
  try {
    execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', folder], {
      cwd: root,
      stdio: 'inherit',
    })
    for (const name of packages) cpSync(`${folder}/${name}/src`, distOf(name), { recursive: true })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildPackages((name) => `${root}packages/${name}/dist`, {
    declarations: !process.argv.includes('--bundle'),
  })
