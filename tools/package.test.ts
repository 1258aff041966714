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
  execSync('npm run --silent bundle -- --log-level=error', { cwd: root })
})

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

test('nothing of Node is loaded before it is needed', () => {
  const source = readFileSync(`${root}/packages/typegrad/dist/index.js`, 'utf8')
  const imported = [...source.matchAll(/^import .*?from "([^".][^"]*)"/gm)].map(([, name]) => name)
  expect(imported.filter((name) => name?.startsWith('node:') || name === 'koffi')).toEqual([])
})
