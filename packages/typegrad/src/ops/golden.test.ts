import { beforeAll, describe, expect, it } from 'vitest'
import * as tg from '../index.ts'
import { evaluateAll, setEngine, type Tensor } from '../index.ts'
import { expectClose, type Tolerance } from '../testing/closeness.ts'
import { createWebEngine } from '../testing/engines.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Case {
  readonly op: string
  readonly inputs: readonly GoldenTensor[]
  readonly args: Arguments
  readonly output: GoldenTensor | readonly GoldenTensor[]
  readonly cotangent: GoldenTensor | readonly (GoldenTensor | null)[] | null
  readonly gradients: readonly (GoldenTensor | null)[] | null
  readonly note?: string
}

/** Every argument that some case has; a call reads those of its own. */
interface Arguments {
  readonly alpha: number
  readonly approximate: boolean
  readonly axis: number
  readonly depth: number
  readonly descending: boolean
  readonly equation: string
  readonly exponent: number
  readonly k: number
  readonly keepDims: boolean
  readonly n?: number
  readonly mode: 'constant' | 'reflect' | 'edge'
  readonly paddings: readonly (readonly [number, number])[]
  readonly perm?: readonly number[]
  readonly repeats: number
  readonly shape: readonly number[]
  readonly shift: number
  readonly sizes: readonly number[]
  readonly starts: readonly number[]
}

type Call = (inputs: readonly Tensor[], args: Arguments) => Tensor | readonly Tensor[]
/** The library by name: its overloads say more of each op than a table of all can use. */
const library: Readonly<Record<string, unknown>> = tg.ops
const opNamed = (name: string) => library[name] as (...all: unknown[]) => Tensor
const table = (names: string, call: (op: (...all: unknown[]) => Tensor) => Call): Record<string, Call> =>
  Object.fromEntries(names.split(' ').map((name) => [name, call(opNamed(name))]))

/** The inputs alone; the inputs and the options; the inputs, the axis and the options. */
const plain = (names: string) => table(names, (op) => (inputs) => op(...inputs))
const withOptions = (names: string) => table(names, (op) => (inputs, args) => op(...inputs, args))
const withAxis = (names: string) =>
  table(
    names,
    (op) =>
      (inputs, { axis, ...options }) =>
        op(...inputs, axis, options),
  )

const calls: Readonly<Record<string, Call>> = {
  ...plain(
    'neg abs sign exp expm1 log log1p sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh',
  ),
  ...plain('tanh sigmoid erf floor ceil round isNaN logicalNot relu relu6 selu softplus softsign silu'),
  ...plain('hardSigmoid hardSilu mish tanhShrink add sub mul div mod floorDiv maximum minimum matmul outer'),
  ...plain('equal notEqual greater greaterEqual less lessEqual where logicalAnd logicalOr logicalXor'),
  ...withOptions('leakyRelu elu gelu clip conv convTranspose maxPool averagePool'),
  ...withAxis('softmax logSoftmax logSumExp sum mean prod max min variance std any all argMax argMin'),
  ...withAxis('expandDims squeeze flip gather takeAlongAxis sort argsort cumsum scatterAdd'),
  pow: ([a, b], { exponent }) =>
    b === undefined ? tg.ops.pow(a as Tensor, exponent) : tg.ops.pow(a as Tensor, b),
  einsum: (inputs, { equation }) => tg.ops.einsum(equation, ...inputs),
  reshape: ([x], { shape }) => tg.ops.reshape(x as Tensor, shape),
  transpose: ([x], { perm }) => tg.ops.transpose(x as Tensor, perm),
  concat: (inputs, { axis }) => tg.ops.concat(inputs, axis),
  stack: (inputs, { axis }) => tg.ops.stack(inputs, axis),
  split: ([x], { n, sizes, axis }) => tg.ops.split(x as Tensor, n ?? sizes, axis),
  tile: ([x], { repeats }) => tg.ops.tile(x as Tensor, repeats as unknown as number[]),
  repeat: ([x], { repeats, axis }) => tg.ops.repeat(x as Tensor, repeats, axis),
  pad: ([x], { paddings, ...options }) => tg.ops.pad(x as Tensor, paddings, options),
  slice: ([x], { starts, sizes }) => tg.ops.slice(x as Tensor, starts, sizes),
  broadcastTo: ([x], { shape }) => tg.ops.broadcastTo(x as Tensor, shape),
  roll: ([x], { shift, axis }) => tg.ops.roll(x as Tensor, shift, axis),
  tril: ([x], { k }) => tg.ops.tril(x as Tensor, k),
  triu: ([x], { k }) => tg.ops.triu(x as Tensor, k),
  oneHot: ([x], { depth }) => tg.ops.oneHot(x as Tensor, depth),
  topK: ([x], { k }) => {
    const { values, indices } = tg.ops.topK(x as Tensor, k)
    return [values, indices]
  },
}

const { cases } = readGolden<{ cases: readonly Case[] }>('ops.json')
const ops = [...new Set(cases.map(({ op }) => op))]
const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T])

/** The gradients of Σ output · cotangent with respect to the floating inputs; null for the others. */
function gradientsOf(call: Call, { inputs, args, cotangent }: Case): readonly (Tensor | null)[] {
  const floating = inputs.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []))
  const weighted = (differentiated: readonly Tensor[]): Tensor => {
    const all = inputs.map((golden, i) => differentiated[floating.indexOf(i)] ?? fromGolden(golden))
    const outputs = list(call(all, args))
    return list(cotangent)
      .flatMap((c, i) => (c == null ? [] : [tg.ops.sum(tg.ops.mul(outputs[i] as Tensor, fromGolden(c)))]))
      .reduce((a, b) => tg.ops.add(a, b))
  }
  const gradients = tg.grad(weighted)(floating.map((i) => fromGolden(inputs[i] as GoldenTensor)))
  return inputs.map((_, i) => gradients[floating.indexOf(i)] ?? null)
}

/** What a case is called where it fails. */
const title = ({ args, inputs, note }: Case): string =>
  [JSON.stringify(args), ...inputs.map(({ shape }) => `[${shape}]`), note].join(' ')

const toleranceOf = ({ note }: Case): Tolerance =>
  note?.includes('compare relatively') ? { relative: 1e-5 } : {}

async function compare(tensor: Tensor, golden: GoldenTensor, tolerance: Tolerance, what: string) {
  expect(tensor.shape, what).toEqual(golden.shape)
  const exact = golden.dtype !== 'float32'
  if (exact) expect(tensor.dtype, what).toBe(golden.dtype)
  expectClose(await tensor.data(), goldenValues(golden), exact ? { scaled: 0 } : tolerance, what)
}

describe.each(['node', 'web'])('golden values of PyTorch and Keras on the %s engine', (name) => {
  beforeAll(async () => {
    if (name === 'web') setEngine(await createWebEngine())
  })

  it.each(ops)('%s', async (op) => {
    const call = calls[op]
    if (call === undefined) throw new Error(`the table of calls lacks ${op}`)
    // One model for all cases of an op: forward on both engines, backward on one.
    const results = cases
      .filter((golden) => golden.op === op)
      .map((golden) => ({
        golden,
        outputs: list(
          call(
            golden.inputs.map((input) => fromGolden(input)),
            golden.args,
          ),
        ),
        gradients: name === 'node' && golden.gradients !== null ? gradientsOf(call, golden) : [],
      }))
    await evaluateAll(
      results.flatMap(({ outputs, gradients }) => [...outputs, ...gradients.flatMap((g) => g ?? [])]),
    )
    for (const { golden, outputs, gradients } of results) {
      const tolerance = toleranceOf(golden)
      const expected = list(golden.output)
      expect(outputs.length).toBe(expected.length)
      for (const [i, output] of outputs.entries()) {
        await compare(output, expected[i] as GoldenTensor, tolerance, `${op} ${title(golden)}: output`)
      }
      for (const [i, gradient] of gradients.entries()) {
        const wanted = golden.gradients?.[i]
        if (gradient === null || wanted == null) continue
        await compare(gradient, wanted, tolerance, `${op} ${title(golden)}: gradient of input ${i}`)
      }
    }
  })
})
