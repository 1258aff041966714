/**
 * Builds the packages into their `dist` folders: JavaScript by esbuild, one file for each door and chunks that they
 * share, and declarations by the compiler. All packages at once, because each knows the doors of another.
 *
 * `--bundle` leaves the declarations out.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = ['typegrad', 'node', 'web'] as const
const declarations = `${root}.declarations`

/** The doors of a package, by the name of the file that they become. */
function doorsOf(name: string): Record<string, string> {
  const source = `${root}packages/${name}/src`
  const doors = name === 'typegrad' ? readdirSync(`${source}/doors`) : []
  return {
    index: `${source}/index.ts`,
    ...Object.fromEntries(doors.map((file) => [basename(file, '.ts'), `${source}/doors/${file}`])),
  }
}

for (const name of packages) {
  const outdir = `${root}packages/${name}/dist`
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
  })
}

if (!process.argv.includes('--bundle')) {
  rmSync(declarations, { recursive: true, force: true })
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  for (const name of packages)
    cpSync(`${declarations}/${name}/src`, `${root}packages/${name}/dist`, { recursive: true })
  rmSync(declarations, { recursive: true })
}
