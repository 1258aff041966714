import { describe, expect, test } from 'vitest'
import { sizeOf } from '../../base/shape.ts'
import { makeNode, type Node } from '../../graph/node.ts'
import { createEngine } from '../../index.ts'
import { noKernels } from '../../kernel/support.ts'
import { encodeModel } from '../../onnx/encode.ts'
import { lowerWithKernels } from '../lower.ts'

/** The graph's operators, and what a transpose of 0, 1, 2, … gives by them. */
async function run(shape: readonly number[], permutation: readonly number[]) {
  const engine = await createEngine()
  const x = makeNode('input', [], { name: 'x', dtype: 'float32', shape })
  const outputs: Node[] = [makeNode('transpose', [x], { permutation })]
  const { model, kernels } = lowerWithKernels({ inputs: [x], outputs, kernelSupport: engine.kernelSupport })
  const executable = await engine.load(encodeModel(model), { kernels })
  const [output] = outputs as [Node]
  const result = engine.allocate('float32', output.shape)
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i)
  await executable.run([engine.upload(data, 'float32', shape)], [result])
  return {
    operators: model.graph.nodes.map(({ op }) => op),
    values: await engine.read(result),
    shape: output.shape,
  }
}

/** Element by element, by definition. */
function expected(shape: readonly number[], permutation: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  const to = permutation.map((axis) => shape[axis] as number)
  return Float32Array.from({ length: sizeOf(shape) }, (_, at) => {
    let rest = at
    let place = 0
    for (let i = to.length - 1; i >= 0; i--) {
      place += (rest % (to[i] as number)) * (strides[permutation[i] as number] as number)
      rest = Math.floor(rest / (to[i] as number))
    }
    return place
  })
}

describe('transposes', () => {
  test.each([
    { shape: [3, 3, 64, 48], permutation: [3, 2, 0, 1], isTwoSteps: true },
    { shape: [64, 48, 3, 3], permutation: [2, 3, 1, 0], isTwoSteps: true },
    { shape: [5, 40, 100], permutation: [2, 1, 0], isTwoSteps: true },
    { shape: [1, 9, 1, 50, 60], permutation: [4, 3, 0, 1, 2], isTwoSteps: true },
    { shape: [5, 40, 100], permutation: [0, 2, 1], isTwoSteps: false },
    { shape: [4, 5, 40, 50], permutation: [3, 2, 1, 0], isTwoSteps: false },
    { shape: [2, 3, 4], permutation: [2, 1, 0], isTwoSteps: false },
  ])('$shape by $permutation', async ({ shape, permutation, isTwoSteps }) => {
    const { operators, values } = await run(shape, permutation)
    expect(values).toEqual(expected(shape, permutation))
    const hasKernel = operators.some((op) => op.startsWith('Kernel'))
    expect(hasKernel).toBe(isTwoSteps && (await createEngine()).kernelSupport !== noKernels)
  })
})

test("a kernel's gradient is made in the layout that it is wanted in", async () => {
  const shape = [8, 6, 6, 32]
  const first = (node: Node): Node => makeNode('transpose', [node], { permutation: [0, 3, 1, 2] })
  const leaf = (name: string, size: readonly number[]): Node =>
    makeNode('input', [], { name, dtype: 'float32', shape: size })
  const [x, g] = [leaf('x', shape), leaf('g', [8, 4, 4, 24])]
  const gradient = makeNode('convKernelGradient', [first(x), first(g)], {
    strides: [1, 1],
    dilation: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    groups: 1,
    kernelShape: [24, 32, 3, 3],
  })
  const outputs = [makeNode('transpose', [gradient], { permutation: [2, 3, 1, 0] })]
  const { kernelSupport } = await createEngine()
  const { model } = lowerWithKernels({ inputs: [x, g], outputs, kernelSupport })
  const transposes = model.graph.nodes.filter(({ op }) => op === 'Transpose')
  // Those of x and g, and nothing behind the products.
  const products = model.graph.nodes.findIndex(({ op }) => op === 'Gemm')
  expect(transposes.every((node) => model.graph.nodes.indexOf(node) < products)).toBe(true)
})
