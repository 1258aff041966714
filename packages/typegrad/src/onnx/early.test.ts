import { describe, expect, test } from 'vitest'
import { complete } from '../base/work.ts'
import type { Node } from '../graph/node.ts'
import { createEngine, type Tensor, tensor } from '../index.ts'
import type { KernelLimits } from '../kernel/kernel.ts'
import { splittingEarly } from './early.ts'
import { lowerWithKernels } from './lower.ts'
import type { OnnxGraph } from './model.ts'

const limits = (await createEngine()).kernelLimits

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
    kernelLimits: limits as KernelLimits,
  })
  const types = [...added].map(([{ dtype, shape }, name]) => [name, { name, dtype, shape }] as const)
  return { ...complete(splittingEarly(lowered.model, new Map(types))), kernels: lowered.kernels }
}
const names = (list: readonly { readonly name: string }[] = []) => list.map(({ name }) => name)

describe.skipIf(limits === undefined)('what constants alone decide', () => {
  test('is a model of its own, and the rest reads what it gives', () => {
    const { early, late, passed, kernels } = split(x.matmul(w).matmul(v), [w, v])
    const kinds = ({ nodes }: OnnxGraph) => nodes.map(({ op }) => kernels.get(op)?.kind)
    expect(kinds(early?.graph as OnnxGraph)).toEqual(['packPanels', 'packPanels'])
    expect(names(early?.graph.inputs)).toEqual(['w0', 'w1'])
    expect(early?.graph.outputs).toEqual(passed)
    expect(passed.map(({ shape }) => (shape as number[]).reduce((a, b) => a * b, 1))).toEqual([
      512 * 256,
      512 * 256,
    ])
    expect(kinds(late.graph)).toEqual(['product', 'product'])
    const [first, second] = late.graph.nodes
    expect([first?.inputs[1], second?.inputs[1]]).toEqual(names(passed))
  })

  test('takes along what a kernel reads, and leaves to the runtime what no kernel does', () => {
    // Sums of constants are a kernel; their logarithm is not.
    const sum = w.add(w.mul(3))
    const { early, late } = split(x.matmul(sum).add(v.sum(1).log()), [w, v])
    expect(names(early?.graph.inputs)).toEqual(['w0'])
    expect(early?.graph.nodes).toHaveLength(2)
    expect(late.graph.nodes.map(({ op }) => op)).toContain('Log')
  })

  test('stays where the model gives it', () => {
    const { early, late } = split(w.add(w.mul(3)), [w])
    expect(early).toBeUndefined()
    expect(late.graph.nodes).toHaveLength(1)
  })

  test('is nothing where kernels wait for inputs', () => {
    const { early, late, passed } = split(x.mul(2).add(x.square()), [])
    expect(early).toBeUndefined()
    expect(passed).toEqual([])
    expect(late.graph.nodes).toHaveLength(1)
  })
})
