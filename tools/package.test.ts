// The package as it is published: one file of JavaScript (and what is loaded when needed) that plain Node runs.
import { execFileSync, execSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = fileURLToPath(new URL('../examples', import.meta.url))

/** What a program prints that imports the built package by its name. */
const node = (program: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: examples,
    encoding: 'utf8',
  })

beforeAll(() => {
  execSync('npm run --silent bundle', { cwd: root })
}, 120_000)

test('trains a model in plain Node', () => {
  const output = node(`
    import { layers, sequential } from 'typegrad'
    const model = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })])
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const { history } = await model.fit([[1], [2]], [[2], [4]], { epochs: 1, verbose: 0 })
    console.log(history.loss)`)
  // ½ (2² + 4²): the loss of a model that says 0.
  expect(output.trim()).toBe('[ 10 ]')
})

test('classes keep their names', () => {
  const output = node(`
    import * as typegrad from 'typegrad'
    const renamed = Object.entries(typegrad).filter(([name, value]) => /^[A-Z]/.test(name) && value.name !== name)
    console.log(renamed.map(([name, value]) => name + ' is called ' + value.name).join() || 'all')`)
  expect(output.trim()).toBe('all')
})

test.each([
  ['core', 'await door.tensor([1, 2]).add(1).toArray()', '[ 2, 3 ]'],
  [
    'formats',
    "door.decodeSafetensors(new Uint8Array(await new Blob(door.encodeSafetensors([{ name: 'w', dtype: 'float32', shape: [1], data: Float32Array.of(3) }])).arrayBuffer())).tensors.get('w').data[0]",
    '3',
  ],
  ['engine', '(await door.createEngine()).name', 'node'],
  ['signals', 'new door.RealFourierTransform(400).bins', '201'],
])('typegrad/%s works by itself', (name, value, printed) => {
  const output = node(`const door = await import('typegrad/${name}'); console.log(${value})`)
  expect(output.trim()).toBe(printed)
})

test('a package of layers needs no other door', () => {
  const output = node(`
    import { Layer } from 'typegrad/layers'
    class Twice extends Layer { className = 'Twice'; call(x) { return x.mul(2) } }
    const { tensor } = await import('typegrad/core')
    console.log(await new Twice().apply(tensor([1, 2])).toArray())`)
  expect(output.trim()).toBe('[ 2, 4 ]')
})

/** What `import 'typegrad'` loads at once: the entry, and the chunks that it imports by a statement. */
function loadedAtOnce(): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = ['index.js']
  const packages = new Set<string>()
  for (const file of files) {
    const source = readFileSync(`${root}/packages/typegrad/dist/${file}`, 'utf8')
    for (const [, name] of source.matchAll(/^(?:import|export)\b(?:[^"';]*?\bfrom)?\s*"([^"]+)"/gm)) {
      if (!name?.startsWith('./')) packages.add(name as string)
      else if (!files.includes(name.slice(2))) files.push(name.slice(2))
    }
  }
  return { files, packages: [...packages] }
}

test('nothing of Node is loaded before it is needed', () => {
  const { files, packages } = loadedAtOnce()
  // Code that several parts share stands in chunks: if none is found, this looks at the wrong thing.
  expect(files.length).toBeGreaterThan(1)
  expect(packages.length).toBeGreaterThan(0)
  expect(packages.filter((name) => name.startsWith('node:') || /koffi/.test(name))).toEqual([])
})

test('what reads and writes formats of others is loaded when such a file is', () => {
  const { files, packages } = loadedAtOnce()
  expect(packages.filter((name) => /fflate|h5wasm/.test(name))).toEqual([])
  const sources = files.map((file) => readFileSync(`${root}/packages/typegrad/dist/${file}`, 'utf8'))
  // Where esbuild writes which file a part of a chunk is of.
  const parts = sources.flatMap((source) =>
    [...source.matchAll(/^\/\/ packages\/typegrad\/src\/(.+)$/gm)].map(([, part]) => part),
  )
  expect(parts).toContain('saving/load.ts')
  expect(
    parts.filter((part) =>
      /(zip|hdf5|tfjs-\w+|keras-(file|h5|2|reading|writing|variables)\w*)\.ts$/.test(part ?? ''),
    ),
  ).toEqual([])
})
