// The archives that `npm run pack` makes, installed by npm into an empty project, and used there by plain Node.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { complaintsOf } from './complaints.ts'
import { isHere, nativeName, natives } from './natives.ts'
import { archiveOf, environment, installInto, type Published, publish } from './project.ts'

const execute = promisify(execFile)
const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'typegrad-install-'))
const project = join(folder, 'project')
/** What npm printed, both streams. */
let printed = ''

/** A machine that is slow or busy takes minutes for the archives; nothing here is about time. */
const patience = 600_000

let published: Published

beforeAll(async () => {
  published = await publish(folder)
  printed = await installInto(project, published)
}, patience)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a program prints, with its warnings. */
async function node(file: string, program: string): Promise<string> {
  writeFileSync(join(project, file), program)
  const { stdout, stderr } = await execute(process.execPath, [file], { cwd: project, env: environment })
  return (stdout + stderr).trim()
}

const installed = (): string[] =>
  readdirSync(join(project, 'node_modules'), { recursive: true, encoding: 'utf8' })
    .map((file) => join(project, 'node_modules', file))
    .filter((file) => statSync(file).isFile())

const here = natives.find(isHere)

test('npm has nothing to warn of', () => {
  expect(printed).toMatch(/added \d+ packages/)
  expect(printed).not.toMatch(/warn|error|deprecated/i)
})

test('no package has an install script', () => {
  const manifests = installed().filter((file) => /[\\/]package\.json$/.test(file))
  expect(manifests.length).toBeGreaterThan(10)
  const scripted = manifests.filter((file) => {
    const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: Record<string, string> }
    return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
  })
  expect(scripted).toEqual([])
  // npm runs node-gyp where there is one, without any script.
  expect(installed().filter((file) => file.endsWith('binding.gyp'))).toEqual([])
})

test('of the native libraries, the one for this platform is there', () => {
  const names = readdirSync(join(project, 'node_modules/@typegrad')).sort()
  expect(names).toEqual(['node', ...(here === undefined ? [] : [nativeName(here)]), 'runtime-wasm', 'web'])
})

test.runIf(here?.os === 'linux' && here.cpu === 'x64')('all of it has 100 MB or less', () => {
  const bytes = installed().reduce((sum, file) => sum + statSync(file).size, 0)
  // The library itself: less would be an install that lacks it.
  expect(bytes).toBeGreaterThan(45e6)
  expect(bytes).toBeLessThanOrEqual(100e6)
})

test.each(['typegrad', '@typegrad/node', '@typegrad/web', '@typegrad/runtime-wasm'])(
  '%s has what a package should have',
  (name) => {
    const { files } = archiveOf(published, name)
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.d.ts']))
    const scripts = files.filter((file) => /\.m?js$/.test(file))
    expect(scripts.length).toBeGreaterThan(0)
    // Emscripten's glue comes without one.
    const unmapped = scripts.filter((file) => !files.includes(`${file}.map`) && !/ort-wasm-/.test(file))
    expect(unmapped).toEqual([])
  },
)

test.runIf(here !== undefined)('the native library comes with its licences', () => {
  const { files, manifest } = archiveOf(
    published,
    `@typegrad/${nativeName(here as (typeof natives)[number])}`,
  )
  expect([...files].sort()).toEqual(
    ['LICENSE', 'README.md', 'ThirdPartyNotices.txt', here?.library, 'package.json'].sort(),
  )
  expect(manifest).toMatchObject({ os: [process.platform], cpu: [process.arch] })
})

test(
  'publint and Are The Types Wrong are content',
  async () => {
    expect((await Promise.all(published.tarballs.map(complaintsOf))).flat()).toEqual([])
  },
  patience,
)

/** ½ (2² + 4²) is the loss of a model that says 0; a step of 0.1 along its gradient, −10, makes the weight 1. */
const program = `
  const model = sequential([
    layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' }),
  ])
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
  const { history } = await model.fit([[1], [2]], [[2], [4]], { epochs: 1, verbose: 0 })
  console.log(history.loss[0], (await (await model.predict([[3], [5]])).toArray()).join())`

describe('a program', { timeout: patience }, () => {
  test('trains and predicts, and warns of nothing', async () => {
    const imports = `import { layers, optimizers, sequential } from 'typegrad'`
    expect(await node('module.mjs', imports + program)).toBe('10 3,5')
  })

  test('of CommonJS gets it by require', async () => {
    const imports = `const { layers, optimizers, sequential } = require('typegrad')`
    const output = await node('common.cjs', `${imports}\nvoid (async () => {${program}})()`)
    // Node 20 and 22 say that require of a module is experimental, unless it is a package's that does it.
    expect(output.replace(/^\(node:\d+\) ExperimentalWarning:.*\n.*--trace-warnings.*\n?/m, '')).toBe(
      '10 3,5',
    )
  })

  test('runs as WebAssembly too', async () => {
    const imports = `
      import { layers, optimizers, sequential } from 'typegrad'
      import { setEngine } from 'typegrad/engine'
      import { createWebEngine } from '@typegrad/web'
      setEngine(await createWebEngine())`
    expect(await node('web.mjs', imports + program)).toBe('10 3,5')
  })

  test.runIf(process.platform === 'linux')('maps a file before there is an engine', async () => {
    const output = await node(
      'mapped.mjs',
      `import { readFileSync, writeFileSync } from 'node:fs'
      import { encodeSafetensors, readSafetensors } from 'typegrad/formats'
      import { getEngine } from 'typegrad/engine'
      const parts = encodeSafetensors([{ name: 'w', dtype: 'float32', shape: [1], data: Float32Array.of(3) }])
      writeFileSync('w.safetensors', Buffer.from(await new Blob(parts).arrayBuffer()))
      const file = await readSafetensors('w.safetensors')
      console.log((await file.read('w'))[0], getEngine(), readFileSync('/proc/self/maps', 'utf8').includes('w.safetensors'))`,
    )
    expect(output).toBe(`3 undefined ${here !== undefined}`)
  })
})

test.each([
  ['nodenext', ['model.mts', 'model.cts']],
  ['preserve', ['model.ts']],
])('types are found (module: %s, %s)', { timeout: patience }, async (module, files) => {
  for (const file of files)
    writeFileSync(
      join(project, file),
      `import { layers, sequential, type Model } from 'typegrad'
      import { compile } from 'typegrad/core'
      import { Layer } from 'typegrad/layers'
      import { readSafetensors } from 'typegrad/formats'
      import { createEngine } from 'typegrad/engine'
      const model: Model = sequential([layers.dense({ units: 1, inputShape: [1] })])
      // @ts-expect-error: units are a number, so types are those of the package and not any.
      layers.dense({ units: 'one' })
      export const all = [model, compile, Layer, readSafetensors, createEngine]`,
    )
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--module',
    module,
    '--skipLibCheck',
    'false',
  ]
  const { stdout } = await execute(process.execPath, [tsc, ...options, ...files], {
    cwd: project,
    env: environment,
  }).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})
