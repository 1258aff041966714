/**
 * `npm run bundlers`: typegrad, as npm installs it, through each bundler that the guide names
 * (docs/guide/installing.md), with the settings that it gives there. What was built for browsers is run in Chromium
 * if there is one (or the program that CHROMIUM names), what was built for a server in Node.
 */
import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { environment, installInto, publish } from '../pack/project.ts'
import { openPage } from './page.ts'

const execute = promisify(execFile)
const versions = [
  'vite@8.4.0',
  'esbuild@0.28.2',
  'webpack@5.113.0',
  'webpack-cli@7.3.1',
  'next@16.4.6',
  'react@19.3.1',
  'react-dom@19.3.1',
]

/** Trains by one step whose result is known; see tools/pack/install.test.ts. */
const training = `
  import { layers, optimizers, sequential } from 'typegrad'
  import { getEngine } from 'typegrad/engine'
  export async function train() {
    const model = sequential([
      layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' }),
    ])
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
    const { history } = await model.fit([[1], [2]], [[2], [4]], { epochs: 1, verbose: 0 })
    const says = await (await model.predict([[3], [5]])).toArray()
    return history.loss[0] + ' ' + says.join() + ' ' + getEngine().name
  }`
const wanted = { browser: '10 3,5 web', server: '10 3,5 node' }

/** Tells the server of the page what came out. */
const page = `
  import { train } from '../train.js'
  const answer = await train().catch((error) => String(error.stack ?? error))
  await fetch('/result', { method: 'POST', body: answer })`
const html = '<!doctype html><title>typegrad</title><script type="module" src="main.js"></script>'

interface Bundled {
  readonly name: string
  /** Of the project: file names and their text. */
  readonly files: Readonly<Record<string, string>>
  readonly build: readonly string[]
  /** What the guide says to copy beside what was built. */
  readonly copied?: string
  readonly result: { readonly page: string } | { readonly program: string } | { readonly next: string }
}

const cases: readonly Bundled[] = [
  {
    name: 'Vite, for browsers',
    files: { 'vite/main.js': page, 'vite/index.html': html },
    build: ['vite', 'build', 'vite'],
    result: { page: 'vite/dist' },
  },
  {
    name: 'esbuild, for browsers',
    files: { 'esbuild/main.js': page, 'esbuild/dist/index.html': html },
    build: [
      'esbuild',
      'esbuild/main.js',
      '--bundle',
      '--splitting',
      '--format=esm',
      '--external:node:*',
      '--external:@typegrad/node',
      '--outdir=esbuild/dist',
    ],
    copied: 'esbuild/dist',
    result: { page: 'esbuild/dist' },
  },
  {
    name: 'webpack, for browsers',
    files: {
      'webpack/main.js': page,
      'webpack/dist/index.html': html,
      'webpack/webpack.config.mjs': `export default {
        // Minimising takes minutes and changes nothing of what is tried.
        mode: 'production',
        optimization: { minimize: false },
        target: ['web', 'es2022'],
        entry: './webpack/main.js',
        output: { path: import.meta.dirname + '/dist' },
        externals: [/^node:/, '@typegrad/node'],
        externalsType: 'import',
      }`,
    },
    build: ['webpack', '--config', 'webpack/webpack.config.mjs'],
    result: { page: 'webpack/dist' },
  },
  {
    name: 'esbuild, for Node',
    files: {
      'esbuild-node/main.js': `import { train } from '../train.js'\nconsole.log(await train())`,
    },
    build: [
      'esbuild',
      'esbuild-node/main.js',
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--packages=external',
      '--outfile=esbuild-node/dist.mjs',
    ],
    result: { program: 'esbuild-node/dist.mjs' },
  },
  {
    name: "Next.js's server",
    files: {
      'next.config.mjs':
        "export default { serverExternalPackages: ['typegrad', '@typegrad/node', '@typegrad/web'] }",
      'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>',
      'app/page.js': 'export default () => <p>typegrad</p>',
      'app/train/route.js': `import { train } from '../../train.js'
        export const dynamic = 'force-dynamic'
        export async function GET() { return new Response(await train()) }`,
    },
    build: ['next', 'build'],
    result: { next: '/train' },
  },
]

const folder = mkdtempSync(join(tmpdir(), 'typegrad-bundlers-'))
const project = join(folder, 'project')

/** A bundler's command of the project. */
const command = (name: string): string => join(project, 'node_modules/.bin', name)

async function outcome({ files, build: [tool = '', ...args], copied, result }: Bundled): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  await execute(command(tool), args, {
    cwd: project,
    env: { ...environment, NEXT_TELEMETRY_DISABLED: '1' },
    maxBuffer: 1 << 26,
  })
  const wasm = 'ort-wasm-simd-threaded.wasm'
  if (copied !== undefined)
    cpSync(join(project, 'node_modules/@typegrad/runtime-wasm/dist', wasm), join(project, copied, wasm))
  if ('page' in result) return await openPage(join(project, result.page))
  if ('next' in result) return await askNext(result.next)
  const { stdout, stderr } = await execute(process.execPath, [result.program], {
    cwd: project,
    env: environment,
  })
  return (stdout + stderr).trim()
}

/** What Next.js's server answers once it listens. */
async function askNext(path: string): Promise<string> {
  const port = 31_000 + (process.pid % 1000)
  const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '-p', `${port}`], {
    cwd: project,
    env: { ...environment, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: 'ignore',
  })
  try {
    for (let attempt = 0; attempt < 240; attempt++) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
      if (response !== undefined) return await response.text()
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    return 'the server did not start'
  } finally {
    server.kill()
  }
}

const only = process.argv[2]
try {
  await installInto(project, await publish(folder), versions)
  writeFileSync(join(project, 'train.js'), training)
  for (const one of cases) {
    if (only !== undefined && !one.name.includes(only)) continue
    const said = await outcome(one).catch(
      (error: Error & { stdout?: string; stderr?: string }) =>
        `${error.message}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`,
    )
    const isRight = said === ('page' in one.result ? wanted.browser : wanted.server)
    console.log(`${isRight ? 'ok    ' : 'FAILED'} ${one.name}${isRight ? '' : `\n${said}`}`)
    if (!isRight) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
