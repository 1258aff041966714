import { describe, expect, it } from 'vitest'
import { allowed, importsOf, violations } from './arrows.ts'

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
    ['layers/dense.test.ts', '../testing/layer.ts', '../index.ts', 'node:fs', '../../golden/layers.json'],
    ['engine/node/engine.ts', 'node:fs', 'koffi', 'onnxruntime-node/package.json', '../engine.ts'],
    ['engine/web/engine.test.ts', '../../onnx/encode.ts', '../node/engine.ts'],
    ['formats/model.ts', '../tensor/tensor.ts', './safetensors.ts'],
    ['models/save.ts', '../formats/safetensors.ts', '../layers/dense.ts'],
    ['engine/web/engine.ts', '../../onnx/encode.ts', '../../onnx/fields.ts'],
    ['formats/files.node.ts', 'node:fs/promises'],
    ['formats/atomic.ts', 'node:fs/promises', '../base/errors.ts'],
    ['testing/layer.ts', '../index.ts', '../formats/model.ts', 'vitest', 'node:fs'],
    ['index.ts', './models/model.ts', './engine/web/engine.ts'],
    ['node.ts', './engine/node/engine.ts', 'node:path'],
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
      'engine/web/engine.ts',
      '../../onnx/lower.ts',
      'engine/web/engine.ts: may not import onnx/lower.ts (allowed: kernel, base, onnx/model.ts, onnx/encode.ts, onnx/decode.ts, onnx/fields.ts)',
    ],
    [
      'engine/engine.test.ts',
      '../onnx/lowering.ts',
      'engine/engine.test.ts: may not import onnx/lowering.ts (allowed: kernel, base, onnx/model.ts, onnx/encode.ts, onnx/decode.ts, onnx/fields.ts, testing, index.ts)',
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
      'models/model.ts: may not import node:fs (allowed: what runs in a browser too; Node has engine/node/)',
    ],
    [
      'models/model.ts',
      'fs/promises',
      'models/model.ts: may not import fs/promises (allowed: what runs in a browser too; Node has engine/node/)',
    ],
    [
      'engine/web/engine.ts',
      'koffi',
      'engine/web/engine.ts: may not import koffi (allowed: what runs in a browser too; Node has engine/node/)',
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
