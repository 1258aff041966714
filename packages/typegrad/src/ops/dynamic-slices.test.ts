import { beforeAll, describe, expect, it } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { dtypes } from '../base/dtype.ts'
import {
  arange,
  compile,
  createEngine,
  evaluateAll,
  grad,
  ops,
  setEngine,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from '../index.ts'
import { createWebEngine, type Engine } from '../testing/engines.ts'
import { readGolden } from '../testing/golden.ts'

interface Case {
  readonly op: 'dynamicSlice' | 'dynamicUpdateSlice'
  readonly shape: readonly number[]
  readonly sizes: readonly number[]
  readonly starts: readonly number[]
  readonly output: readonly number[]
  /** Of Σ w·y³ in the input and the update, and of Σ x·(gradient in x). */
  readonly gradients: readonly (readonly number[])[]
  readonly second: readonly (readonly number[])[]
}

const { cases } = readGolden<{ cases: readonly Case[] }>('dynamic-slices.json')

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** first, first + 1, … under a shape. */
const counting = (shape: readonly number[], first = 1): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => first + i),
    { shape },
  )

/** The starts of a case in every form that is taken. */
const forms: readonly ((starts: readonly number[]) => Tensor | readonly (number | Tensor)[])[] = [
  (starts) => starts,
  (starts) => tensor(Int32Array.from(starts)),
  (starts) => tensor(BigInt64Array.from(starts, BigInt)),
  (starts) => starts.map((start, i) => (i % 2 === 0 ? tensor(start, { dtype: 'int32' }) : start)),
  (starts) => starts.map((start, i) => tensor(start, { dtype: i === 1 ? 'int64' : 'int32' })),
]

const operandsOf = ({ op, shape, sizes }: Case): readonly Tensor[] =>
  op === 'dynamicSlice' ? [counting(shape)] : [counting(shape), counting(sizes, 1 + sizeOf(shape))]

function run(
  { op, sizes }: Case,
  starts: Parameters<typeof ops.dynamicSlice>[1],
  operands: readonly Tensor[],
) {
  const [x, update] = operands as readonly [Tensor, Tensor]
  return op === 'dynamicSlice'
    ? ops.dynamicSlice(x, starts, sizes)
    : ops.dynamicUpdateSlice(x, update, starts)
}

const weights = (y: Tensor): Tensor =>
  tensor(
    Float32Array.from({ length: y.size }, (_, k) => (k % 5) + 1),
    { shape: y.shape },
  )

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  'native, checked': () => createEngine({ checked: true }),
  WebAssembly: () => createWebEngine(),
  ...(isWhole && {
    native: () => createEngine(),
    'native without kernels': () => createEngine({ kernels: false }),
  }),
}

describe.each(Object.keys(engines))('on the %s engine', (name) => {
  beforeAll(async () => {
    const create = engines[name] as () => Promise<Engine>
    setEngine(await create())
  })

  it.each(['dynamicSlice', 'dynamicUpdateSlice'] as const)(
    '%s finds the elements that JAX finds, and passes its gradients, to second order',
    async (op) => {
      const runs = cases
        .filter((one) => one.op === op)
        .map((one, i) => {
          const form = forms[i % forms.length] as (typeof forms)[number]
          const starts = form(one.starts)
          const operands = operandsOf(one)
          const loss = (...given: Tensor[]): Tensor => {
            const y = run(one, starts, given)
            return y.mul(y).mul(y).mul(weights(y)).sum()
          }
          const argnums = operands.map((_, k) => k)
          const gradients = (given: readonly Tensor[]): readonly Tensor[] =>
            argnums.map((k) => grad((t: Tensor) => loss(...given.with(k, t)))(given[k] as Tensor))
          const weighed = (given: readonly Tensor[]): Tensor =>
            gradients(given)
              .map((g, k) => g.mul(operands[k] as Tensor).sum())
              .reduce((a, b) => a.add(b))
          return {
            one,
            output: run(one, starts, operands),
            // Not only of what is in memory.
            pending: run(
              one,
              starts,
              operands.map((t) => t.add(0)),
            ),
            gradients: gradients(operands),
            second: argnums.map((k) =>
              grad((t: Tensor) => weighed(operands.with(k, t)))(operands[k] as Tensor),
            ),
          }
        })
      await evaluateAll(runs.flatMap((r) => [r.output, r.pending, ...r.gradients, ...r.second]))
      for (const { one, output, pending, gradients, second } of runs) {
        const label = JSON.stringify(one)
        const values = (tensors: readonly Tensor[]) =>
          Promise.all(tensors.map(async (t) => [...(await t.data())].map(Number)))
        expect(output.shape, label).toEqual(op === 'dynamicSlice' ? one.sizes : one.shape)
        expect(await values([output, pending]), label).toEqual([one.output, one.output])
        // Whole numbers below 2²⁴: exact in float32.
        expect(await values(gradients), label).toEqual(one.gradients)
        expect(await values(second), label).toEqual(one.second)
      }
    },
  )

  it.each(dtypes)('in %s', async (dtype) => {
    // Every third case of each dtype: of three dtypes that follow each other, all.
    const some = cases.filter((_, i) => isWhole || i % 3 === dtypes.indexOf(dtype) % 3)
    // What a bool can say: which elements are odd.
    const inDType = (t: Tensor): Tensor => (dtype === 'bool' ? t.mod(2) : t).cast(dtype)
    const outputs = some.map((one) =>
      run(one, tensor(Int32Array.from(one.starts)), operandsOf(one).map(inDType)),
    )
    const numbers = outputs.map((t) => t.cast('float32'))
    // Of whole numbers, onnxruntime's WebAssembly takes four times as long for one program of all cases.
    for (let i = 0; i < numbers.length; i += 10) await evaluateAll(numbers.slice(i, i + 10))
    for (const [i, one] of some.entries()) {
      expect(outputs[i]?.dtype).toBe(dtype)
      const wanted = dtype === 'bool' ? one.output.map((v) => v % 2) : one.output
      expect([...((await numbers[i]?.data()) ?? [])], JSON.stringify(one)).toEqual(wanted)
    }
  })

  it('a cache that is written position after position holds what was written', async () => {
    const [heads, length, depth] = [2, 64, 3]
    const cache = new Variable(zeros([1, heads, length, depth]))
    const row = (position: Tensor): Tensor =>
      arange(heads * depth)
        .add(position.cast('float32').mul(10))
        .reshape([1, heads, 1, depth])
    const step = compile((position: Tensor) => {
      const written = cache.value.dynamicUpdateSlice(row(position), [0, 0, position, 0])
      cache.assign(written)
      // The new value is read, whole and in part.
      return { sum: written.sum(), last: written.dynamicSlice([0, 0, position, 0], [1, heads, 1, depth]) }
    })
    let eager: Tensor = zeros([1, heads, length, depth])
    const wanted = new Float32Array(heads * length * depth)
    for (let i = 0; i < length; i++) {
      const position = tensor(i, { dtype: 'int32' })
      // A value that is held stays what it was.
      const held = i % 32 === 31 ? { value: cache.value, was: wanted.slice() } : undefined
      eager = eager.dynamicUpdateSlice(row(position), [0, 0, position, 0])
      for (let h = 0; h < heads; h++)
        for (let d = 0; d < depth; d++) wanted[(h * length + i) * depth + d] = h * depth + d + 10 * i
      const { sum, last } = await step(position)
      expect(await sum.item()).toBe(wanted.reduce((a, b) => a + b, 0))
      expect([...(await last.data())]).toEqual([...(await row(position).data())])
      if (held !== undefined) expect(await held.value.data()).toEqual(held.was)
    }
    expect(await eager.data()).toEqual(wanted)
    expect(await cache.value.data()).toEqual(wanted)
  })

  it('a loop carries what it writes, and differentiates it', async () => {
    const xs = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const written = (rows: Tensor): Tensor =>
      ops.scan({
        initial: [zeros([3, 2])],
        sequences: [rows, arange(3, undefined, 1, { dtype: 'int32' })],
        step: ([memory], [row, i]) => {
          const [m, r, at] = [memory, row, i] as [Tensor, Tensor, Tensor]
          return { carries: [m.dynamicUpdateSlice(r.mul(r).reshape([1, 2]), [at, 0]).mul(2)] }
        },
      }).carries[0]
    // Row i is doubled once for each step from its own on.
    expect(await written(xs).toArray()).toEqual([
      [8, 32],
      [36, 64],
      [50, 72],
    ])
    expect(await grad((rows: Tensor) => written(rows).sum())(xs).toArray()).toEqual([
      [16, 32],
      [24, 32],
      [20, 24],
    ])
  })
})

// 64 MB take some 7 ms to copy, and a row of 4 kB some 30 µs to write: a tenth leaves room for a busy machine.
it('writes a row of a large cache without copying the cache', async () => {
  setEngine(await createEngine())
  const [length, width] = [16384, 1024]
  const cache = new Variable(zeros([length, width]))
  const step = compile((row: Tensor, position: Tensor) => {
    cache.assign(cache.value.dynamicUpdateSlice(row, [position, 0]))
  })
  const row = counting([1, width])
  const fastest = async (times: number, run: (i: number) => unknown): Promise<number> => {
    const taken: number[] = []
    for (let i = 0; i < times; i++) {
      const start = performance.now()
      await run(i)
      taken.push(performance.now() - start)
    }
    return Math.min(...taken)
  }
  const [from, to] = [new Float32Array(length * width), new Float32Array(length * width)]
  const copying = await fastest(5, () => to.set(from))
  expect(await fastest(64, (i) => step(row, tensor(i, { dtype: 'int32' })))).toBeLessThan(copying / 10)
  expect(await cache.value.sum().item()).toBe((64 * width * (width + 1)) / 2)
})

describe('what is not a block', () => {
  const x = counting([3, 4])
  const one = tensor(1, { dtype: 'int32' })

  it.each([
    [
      'too large',
      () => ops.dynamicSlice(x, [0, 0], [4, 1]),
      'dynamicSlice: expected a block that fits into shape [3, 4], received [4, 1]',
    ],
    [
      'of another rank',
      () => ops.dynamicSlice(x, [0, 0], [1] as never),
      /dynamicSlice: expected a block that fits/,
    ],
    [
      'too few starts',
      () => ops.dynamicSlice(x, [one], [1, 1]),
      /dynamicSlice: starts: expected .* each of the 2 axes of \[3, 4\], received 1/,
    ],
    [
      'a vector in a list',
      () => ops.dynamicSlice(x, [tensor([1, 2], { dtype: 'int32' }), 0], [1, 1]),
      /scalar tensors in a list of starts, received one of shape \[2\]/,
    ],
    [
      'a tensor of too many starts',
      () => ops.dynamicSlice(x, tensor([1, 2, 3], { dtype: 'int32' }), [1, 1]),
      /one start for each of the 2 axes .* received shape \[3\]/,
    ],
    [
      'starts that are floats',
      () => ops.dynamicSlice(x, tensor([1, 2]), [1, 1]),
      /int32 or int64, received float32/,
    ],
    ['half a start', () => ops.dynamicSlice(x, [0.5, 0], [1, 1]), /a start that is a whole number/],
    [
      'an open size behind a computed start',
      () => ops.dynamicSlice(x, [one, 0], [-1, 1]),
      /received −1 for axis 0/,
    ],
    [
      'an update too large',
      () => ops.dynamicUpdateSlice(x, zeros([1, 5]), [0, 0]),
      'dynamicUpdateSlice: expected a block that fits into shape [3, 4], received [1, 5]',
    ],
    [
      'an update of another rank',
      () => ops.dynamicUpdateSlice(x, zeros([4]) as never, [0, 0]),
      /dynamicUpdateSlice: expected a block/,
    ],
  ] as const)('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  it('a size of −1 is what is left', async () => {
    expect(await ops.dynamicSlice(x, [1, -2], [-1, -1]).toArray()).toEqual([
      [7, 8],
      [11, 12],
    ])
    expect(ops.dynamicSlice(x, [9, 1], [-1, -1]).shape).toEqual([0, 3])
  })
})
