import { describe, expect, it, test } from 'vitest'
import {
  allowed,
  circlesOf,
  foldersWithoutOpening,
  importsOf,
  violations,
  violationsOutside,
} from './arrows.ts'

describe('importsOf', () => {
  it('finds every way to import', () => {
    const source = `
import a from './a.ts'
import type { B } from "./b.ts"
import {
  type C,
  c,
} from './c.ts'
import * as d from './d.ts'
import './e.ts'
export * from './f.ts'
export { g } from './g.ts'
export type { H } from './h.ts'
const i: import('./i.ts').I = await import('./j.ts')
const k = require('./k.ts')
`
    expect(importsOf(source)).toEqual([...'abcdefghijk'].map((letter) => `./${letter}.ts`))
  })

  it('takes no comment, text or other export for an import', () => {
    const source = `
/**
 * import { x } from './comment.ts'
 * const y = await import('./comment.ts')
 */
// import './comment.ts'
export const from = './text.ts'
export function load() {
  return "import x from './text.ts'"
}
`
    expect(importsOf(source)).toEqual([])
  })
})

describe('violations', () => {
  const complaints = (file: string, ...specifiers: string[]) =>
    violations(file, specifiers.map((specifier) => `import '${specifier}'`).join('\n'))

  it.each([
    ['ops/softmax.ts', '../tensor/tensor.ts', './reduce.ts', '../base/errors.ts', '@petamoriken/float16'],
    ['layers/dense.ts', '../activations/relu.ts', '../transforms/grad.ts', '../data/dataset.ts'],
    [
      'layers/dense.test.ts',
      '../testing/layer.ts',
      '../doors/layers.ts',
      '../index.ts',
      'node:fs',
      '../../golden/layers.json',
    ],
    ['engine/select.ts', '../onnx/encode.ts', './registry.ts'],
    ['engine/bundled.ts', '@typegrad/node', '@typegrad/web'],
    ['engine/engine.test.ts', '@typegrad/node'],
    ['doors/core.ts', '../ops/index.ts', '../transforms/grad.ts'],
    ['formats/model.ts', '../tensor/tensor.ts', './safetensors.ts'],
    ['saving/save.ts', '../formats/safetensors.ts', '../layers/core/dense.ts', '../training/fit.ts'],
    ['formats/files.node.ts', 'node:fs/promises'],
    ['formats/atomic.ts', 'node:fs/promises', '../base/errors.ts'],
    ['testing/layer.ts', '../index.ts', '../formats/model.ts', 'vitest', 'node:fs'],
    ['index.ts', './models/model.ts', './engine/select.ts'],
  ])('%s may import %s …', (file, ...specifiers) => {
    expect(complaints(file, ...specifiers)).toEqual([])
  })

  it.each([
    ['base/shape.ts', '../graph/node.ts', 'base/shape.ts: may not import graph/node.ts (allowed: nothing)'],
    [
      'tensor/tensor.ts',
      '../ops/add.ts',
      'tensor/tensor.ts: may not import ops/add.ts (allowed: graph, base)',
    ],
    [
      'engine/select.ts',
      '../lowering/lower.ts',
      'engine/select.ts: may not import lowering/lower.ts (allowed: onnx, kernel, base)',
    ],
    [
      'engine/engine.test.ts',
      '../lowering/lower.ts',
      'engine/engine.test.ts: may not import lowering/lower.ts (allowed: onnx, kernel, base, testing, doors, index.ts)',
    ],
    [
      'models/model.ts',
      '../training/fit.ts',
      'models/model.ts: may not import training/fit.ts (allowed: activations, initializers, regularizers, constraints, losses, metrics, schedules, optimizers, layers, callbacks, transforms, lowering, passes, onnx, engine, random, ops, data, tensor, graph, kernel, signals, base)',
    ],
    [
      'transforms/runtime.ts',
      '@typegrad/node',
      'transforms/runtime.ts: may not import @typegrad/node (allowed: engine/bundled.ts, which loads it)',
    ],
    [
      'ops/add.ts',
      '../testing/layer.ts',
      'ops/add.ts: may not import testing/layer.ts (allowed: tensor, graph, base)',
    ],
    ['ops/add.ts', '../index.ts', 'ops/add.ts: may not import index.ts (allowed: tensor, graph, base)'],
    ['ops/add.ts', 'typegrad', 'ops/add.ts: may not import index.ts (allowed: tensor, graph, base)'],
    [
      'ops/add.ts',
      '../../../other/src/x.ts',
      'ops/add.ts: may not import ../../other/src/x.ts (allowed: src)',
    ],
    [
      'formats/safetensors.ts',
      './atomic.ts',
      'formats/safetensors.ts: may not import formats/atomic.ts (allowed: base)',
    ],
    [
      'models/model.ts',
      'node:fs',
      'models/model.ts: may not import node:fs (allowed: what runs in a browser too; Node has packages/node/)',
    ],
    [
      'models/model.ts',
      'fs/promises',
      'models/model.ts: may not import fs/promises (allowed: what runs in a browser too; Node has packages/node/)',
    ],
    ['helpers/x.ts', './y.ts', 'helpers/x.ts: folder helpers is not in the table of tools/arrows.ts'],
  ])('%s may not import %s', (file, specifier, message) => {
    expect(complaints(file, specifier)).toEqual([message])
  })

  it('has no circle in its table', () => {
    for (const [folder, targets] of Object.entries(allowed)) {
      for (const target of targets) expect(allowed[target], `${folder} ⇄ ${target}`).not.toContain(folder)
    }
  })
})

describe('outside of the core', () => {
  const complaints = (file: string, specifier: string) => violationsOutside(file, `import '${specifier}'`)

  it.each([
    ['packages/node/src/engine.ts', 'typegrad/engine'],
    ['packages/node/src/engine.ts', './ort/library.ts'],
    ['packages/node/src/ort/library.ts', 'koffi'],
    ['packages/node/src/kernels/kernels.test.ts', 'typegrad/testing'],
    ['bench/workers/typegrad.ts', 'typegrad/formats'],
    ['examples/mnist.ts', 'typegrad'],
    ['tools/avx512/main.ts', '../../packages/node/src/testing/sweep/table.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(complaints(file, specifier)).toEqual([])
  })

  it.each([
    ['packages/node/src/engine.ts', 'typegrad'],
    ['packages/node/src/engine.ts', '../../typegrad/src/base/shape.ts'],
    ['packages/web/src/engine.ts', 'node:fs'],
    ['bench/workers/typegrad.ts', '../../packages/typegrad/src/formats/safetensors.ts'],
    ['packages/other/src/x.ts', './y.ts'],
  ])('%s may not import %s', (file, specifier) => {
    expect(complaints(file, specifier)).toHaveLength(1)
  })
})

test('circles of files are found, also those of several', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', ['elsewhere']],
    ['e', ['f', 'a']],
    ['f', ['e']],
  ])
  expect(circlesOf(imports)).toEqual([
    ['a', 'b', 'c'],
    ['e', 'f'],
  ])
})

test('a folder says in one of its files what it is and may know', () => {
  const sources = new Map([
    ['index.ts', ''],
    ['base/errors.ts', '/** `base/`: what every folder builds on. It knows no other folder. */\n'],
    ['base/shape.ts', '/** Sizes. */\n'],
    ['graph/node.ts', '/**\n * `graph/`: nodes.\n */\n'],
    ['ops/reduce.ts', "import '../base/shape.ts'\n"],
    ['ops/reduce.test.ts', '/** `ops/`: tests are no place for it. */'],
    ['testing/golden.ts', ''],
  ])
  expect(foldersWithoutOpening(sources)).toEqual(['ops'])
})
