import { describe, expect, test } from 'vitest'
import { complete } from '../base/work.ts'
import type { Node } from '../graph/node.ts'
import { createEngine, type Tensor, tensor } from '../index.ts'
import { noKernels } from '../kernel/support.ts'
import type { OnnxGraph } from '../onnx/model.ts'
import { splitConstantPartWork } from './constant-part.ts'
import { lowerWithKernels } from './lower.ts'

const { kernelSupport } = await createEngine()

const filled = (rows: number, columns: number): Tensor =>
  tensor(new Float32Array(rows * columns).fill(1), { shape: [rows, columns] })
const [x, w, v] = [filled(256, 512), filled(512, 256), filled(256, 512)]

/** The model of a graph in which x is an input and all other leaves are constants, in two. */
function split(y: Tensor, constants: readonly Tensor[]) {
  const added = new Map(constants.map(({ node }, i) => [node, `w${i}`] as [Node, string]))
  const lowered = lowerWithKernels({
    inputs: [x.node],
    outputs: [y.node],
    added,
    kernelSupport,
  })
  const types = [...added].map(([{ dtype, shape }, name]) => [name, { name, dtype, shape }] as const)
  return { ...complete(splitConstantPartWork(lowered.model, new Map(types))), kernels: lowered.kernels }
}
const names = (list: readonly { readonly name: string }[] = []) => list.map(({ name }) => name)

describe.skipIf(kernelSupport === noKernels)('what constants alone decide', () => {
  test('is a model of its own, and the rest reads what it gives', () => {
    const { constantPart, rest, passed, kernels } = split(x.matmul(w).matmul(v), [w, v])
    const kinds = ({ nodes }: OnnxGraph) => nodes.map(({ op }) => kernels.get(op)?.kind)
    expect(kinds(constantPart?.graph as OnnxGraph)).toEqual(['packPanels', 'packPanels'])
    expect(names(constantPart?.graph.inputs)).toEqual(['w0', 'w1'])
    expect(constantPart?.graph.outputs).toEqual(passed)
    expect(passed.map(({ shape }) => (shape as number[]).reduce((a, b) => a * b, 1))).toEqual([
      512 * 256,
      512 * 256,
    ])
    expect(kinds(rest.graph)).toEqual(['product', 'product'])
    const [first, second] = rest.graph.nodes
    expect([first?.inputs[1], second?.inputs[1]]).toEqual(names(passed))
  })

  test('takes along what a kernel reads, and leaves to the runtime what no kernel does', () => {
    // Sums of constants are a kernel; their logarithm is not.
    const sum = w.add(w.mul(3))
    const { constantPart, rest } = split(x.matmul(sum).add(v.sum(1).log()), [w, v])
    expect(names(constantPart?.graph.inputs)).toEqual(['w0'])
    expect(constantPart?.graph.nodes).toHaveLength(2)
    expect(rest.graph.nodes.map(({ op }) => op)).toContain('Log')
  })

  test('stays where the model gives it', () => {
    const { constantPart, rest } = split(w.add(w.mul(3)), [w])
    expect(constantPart).toBeUndefined()
    expect(rest.graph.nodes).toHaveLength(1)
  })

  test('is nothing where kernels wait for inputs', () => {
    const { constantPart, rest, passed } = split(x.mul(2).add(x.square()), [])
    expect(constantPart).toBeUndefined()
    expect(passed).toEqual([])
    expect(rest.graph.nodes).toHaveLength(1)
  })
})
