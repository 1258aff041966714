import { expect, test } from 'vitest'
import { isWhole } from '../../../../../tools/whole-tests.ts'
import { toNumbers } from '../../base/conversions.ts'
import { isFloating } from '../../base/dtype.ts'
import { grad, ops, tensor } from '../../index.ts'
import { evaluateAll, type Tensor } from '../../tensor/tensor.ts'
import { expectClose } from '../../testing/closeness.ts'
import { spread } from '../../testing/numeric-gradient.ts'
import {
  OnnxNode,
  type OnnxNodeCase,
  onnxEdgeCases,
  onnxNodeCases,
  storedElements,
} from '../../testing/onnx-nodes.ts'
import { settingInputs } from './resize.ts'

/** Cases that are one program: each its own would be compiled for long, and so would all in one. */
const together = 30

const cases = onnxNodeCases()
/** All cases, in place of one of each operator. */
const nodes = cases.map((one) => new OnnxNode(one))

async function inPrograms(tensors: readonly (readonly Tensor[])[]): Promise<void> {
  for (let i = 0; i < tensors.length; i += together) await evaluateAll(tensors.slice(i, i + together).flat())
}

async function expectOutputs(cases: readonly OnnxNodeCase[], nodes: readonly OnnxNode[]): Promise<void> {
  const made = nodes.map((node) => node.run())
  await inPrograms(made)
  for (const [i, { name, outputs }] of cases.entries())
    for (const [j, stored] of outputs.entries()) {
      const value = made[i]?.[j] as Tensor
      const expected = storedElements(name, stored)
      expect(value.shape, name).toEqual(expected.shape)
      const numbers = Array.from(toNumbers(expected.data, expected.dtype), Number)
      // What the suite says of this one was printed with four digits.
      const scaled = name.startsWith('roialign') ? 1e-4 : 1e-5
      expectClose(toNumbers(await value.data(), value.dtype), numbers, { scaled }, name)
    }
}

test('operators give what the suite of ONNX says', { timeout: 60_000 }, () => expectOutputs(cases, nodes))

test('operators give what ONNX Runtime gives at the edges of their definitions', { timeout: 60_000 }, () => {
  const edges = onnxEdgeCases()
  return expectOutputs(
    edges,
    edges.map((one) => new OnnxNode(one)),
  )
})

/** Operators whose gradients are not those of differences, or whose inputs are nothing to be moved. */
const notCompared: ReadonlySet<string> = new Set([
  // The cases have infinities, and points where the slope is infinite.
  ...['Cast', 'CastLike', 'Acos', 'Asin'],
  // Gradients pass straight through rounding.
  ...['DynamicQuantizeLinear', 'QuantizeLinear', 'QLinearConv', 'QLinearMatMul'],
  // Inputs say how many elements there are.
  ...['MelWeightMatrix', 'Range', 'Upsample'],
  // Bodies have constants in single precision.
  ...['If', 'Loop', 'Scan'],
  // A negative number has no power that is not whole.
  'Pow',
])

/** Inputs that are no numbers to compute with. */
const settings: Readonly<Record<string, readonly number[]>> = { ...settingInputs, Pad: [2], OneHot: [0, 1] }

/** Computed in single precision, whatever they are given, so that differences are of larger steps. */
const stepsInSingle: Readonly<Record<string, number>> = {
  ...{ Atan: 2e-3, Gelu: 2e-3, LRN: 2e-3, LpPool: 2e-3 },
  // These are linear.
  ...{ AveragePool: 0.05, Col2Im: 0.05, Conv: 0.05, ConvTranspose: 0.05 },
}

/** Beside the points of the suite, many of which are where a function has a corner. */
const besideCorners = (x: Tensor, i: number): Tensor => ops.add(x, spread(x.shape, 0.003, 0.013, 5 + i))

test('gradients of operators are those of central differences', { timeout: 60_000 }, async () => {
  // The first case of each operator.
  const chosen = nodes.filter(({ op }, i) => !notCompared.has(op) && (nodes[i - 1]?.op !== op || isWhole))
  const compared = await Promise.all(
    chosen.map(async (node) => {
      const inputs = await Promise.all(
        node.inputs.map(async (x, i) => {
          if (x.dtype !== 'float32') return x
          const exact = tensor(Float64Array.from((await x.data()) as Float32Array), { shape: x.shape })
          return settings[node.op]?.includes(i) === true ? exact : besideCorners(exact, i)
        }),
      )
      const moved = inputs.flatMap(({ dtype, size }, i) =>
        dtype === 'float64' && size > 0 && settings[node.op]?.includes(i) !== true ? [i] : [],
      )
      return { node, inputs, moved }
    }),
  )
  await evaluateAll(compared.flatMap(({ inputs }) => inputs))
  const rows = compared.flatMap(({ node, inputs, moved }) => {
    if (moved.length === 0) return []
    const value = (xs: readonly Tensor[]): Tensor<[]> => {
      const given = inputs.map((x, i) => (moved.includes(i) ? (xs[moved.indexOf(i)] as Tensor) : x))
      const floating = node.run(given).filter(({ dtype, size }) => isFloating(dtype) && size > 0)
      const sums = floating.map((y, i) => ops.sum(ops.mul(y, spread(y.shape, 0.5, 1.5, 7 + i))))
      return sums.reduce<Tensor>((a, b) => ops.add(a, b), tensor(0, { dtype: 'float64' })) as Tensor<[]>
    }
    const start = moved.map((i) => inputs[i] as Tensor)
    const directions = start.map(({ shape }, i) => spread(shape, -1, 1, 3 + i))
    const slopes = grad(value)(start).map((g, i) => ops.sum(ops.mul(g, directions[i] as Tensor)))
    const step = stepsInSingle[node.op] ?? 1e-6
    const beside = (sign: number): Tensor[] =>
      start.map((x, i) => ops.add(x, ops.mul(directions[i] as Tensor, sign * step)))
    return [
      { node, step, value, slope: slopes.reduce((a, b) => ops.add(a, b)), up: beside(1), down: beside(-1) },
    ]
  })
  // Elements that shapes follow from have to be known.
  await evaluateAll(rows.flatMap(({ up, down }) => [...up, ...down]))
  const made = rows.map(({ value, slope, up, down }) => [slope, value(up), value(down)] as const)
  await inPrograms(made)
  for (const [i, { node, step }] of rows.entries()) {
    const [slope, up, down] = await Promise.all((made[i] as readonly Tensor[]).map((one) => one.item()))
    const difference = (Number(up) - Number(down)) / (2 * step)
    expectClose([Number(slope)], [difference], { scaled: node.op in stepsInSingle ? 2e-3 : 1e-5 }, node.name)
  }
  expect(rows.length).toBeGreaterThan(80)
})
