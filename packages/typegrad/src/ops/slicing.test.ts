import { beforeAll, describe, expect, it } from 'vitest'
import * as tg from '../index.ts'
import { createEngine, evaluateAll, grad, setEngine, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { createWebEngine, type Engine } from '../testing/engines.ts'
import { readGolden } from '../testing/golden.ts'

interface Positions {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

interface Case {
  readonly op: keyof typeof calls
  readonly shape: readonly number[]
  readonly args: readonly never[]
  /** Null where NumPy raises. */
  readonly output: Positions | readonly Positions[] | null
}

const counting = (shape: readonly number[], first = 1): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Float32Array.from({ length: size }, (_, i) => first + i),
    { shape },
  )
}
const indices = ({ shape, data }: Positions): Tensor => tensor(Int32Array.from(data), { shape })

const calls = {
  stridedSlice: (x: Tensor, axis: number, start: number | null, stop: number | null, step: number) =>
    tg.ops.stridedSlice(x, axis, start, stop, step),
  at: (x: Tensor, position: number, axis: number) => tg.ops.at(x, position, axis),
  flip: (x: Tensor, axes: readonly number[]) => tg.ops.flip(x, axes),
  roll: (x: Tensor, shift: number, axis: number) => tg.ops.roll(x, shift, axis),
  repeat: (x: Tensor, repeats: number, axis: number) => tg.ops.repeat(x, repeats, axis),
  tile: (x: Tensor, repeats: readonly number[]) => tg.ops.tile(x, repeats),
  pad: (x: Tensor, padding: readonly (readonly [number, number])[], mode: 'constant') =>
    tg.ops.pad(x, padding, { mode, value: mode === 'constant' ? -1 : 0 }),
  split: (x: Tensor, parts: number, axis: number) => tg.ops.split(x, parts, axis),
  concat: (x: Tensor, other: readonly number[], axis: number) =>
    tg.ops.concat([x, counting(other, 1 + x.size)], axis),
  gather: (x: Tensor, positions: Positions, axis: number) => tg.ops.gather(x, indices(positions), axis),
  takeAlongAxis: (x: Tensor, positions: Positions, axis: number) =>
    tg.ops.takeAlongAxis(x, indices(positions), axis),
}

const { cases } = readGolden<{ cases: readonly Case[] }>('slicing.json')
const defined = cases.filter(({ output }) => output !== null)
const refused = cases.filter(({ output }) => output === null)

const outputsOf = ({ op, args }: Case, x: Tensor): readonly Tensor[] => {
  // The golden file has each call's arguments in its order.
  const call = calls[op] as (x: Tensor, ...args: readonly unknown[]) => Tensor | readonly Tensor[]
  return [call(x, ...args)].flat()
}
const positionsOf = ({ output }: Case): Positions[] => [output ?? []].flat() as Positions[]

const weight = (k: number): number => (k % 5) + 1

/** Σ w·y³ of all outputs, whose derivatives say where each element came from, in first and second order. */
const cubes = (outputs: readonly Tensor[]): Tensor =>
  outputs
    .map((y) => {
      const weights = tensor(
        Float32Array.from({ length: y.size }, (_, k) => weight(k)),
        { shape: y.shape },
      )
      return y.mul(y).mul(y).mul(weights).sum()
    })
    .reduce((a, b) => a.add(b))

/** The k-th derivative of Σ w·y³ to each of `size` elements: those that were given out add up. */
function derivatives(positions: readonly Positions[], size: number, ofOne: (y: number) => number): number[] {
  const sums = new Array<number>(size).fill(0)
  for (const { data } of positions) {
    data.forEach((y, k) => {
      if (y >= 1 && y <= size) sums[y - 1] = (sums[y - 1] as number) + weight(k) * ofOne(y)
    })
  }
  return sums
}

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  native: () => createEngine(),
  'native without kernels': () => createEngine({ kernels: false }),
  WebAssembly: () => createWebEngine(),
}

describe.each(Object.keys(engines))('positions as NumPy finds them, on the %s engine', (name) => {
  beforeAll(async () => {
    const create = engines[name] as () => Promise<Engine>
    setEngine(await create())
  })

  // Some sixty cases are one model.
  const groups = Array.from({ length: Math.ceil(defined.length / 60) }, (_, i) =>
    defined.slice(60 * i, 60 * (i + 1)),
  )
  it.each(groups.map((group, i) => [i, group] as const))(
    'values and two gradients, group %i',
    async (_, group) => {
      const run = group.map((one) => {
        const x = counting(one.shape)
        const first = grad((t: Tensor) => cubes(outputsOf(one, t)))
        const second = grad((t: Tensor) => first(t).mul(counting(one.shape)).sum())
        // What only moves elements that are known is no matter of an engine; parts of a sum are.
        const moved = outputsOf(one, x)
        return { one, moved, outputs: outputsOf(one, x.add(0)), first: first(x), second: second(x) }
      })
      await evaluateAll(
        run.flatMap(({ moved, outputs, first, second }) => [...moved, ...outputs, first, second]),
      )
      for (const { one, moved, outputs, first, second } of run) {
        const label = JSON.stringify(one)
        const positions = positionsOf(one)
        expect(
          outputs.map(({ shape }) => shape),
          label,
        ).toEqual(positions.map(({ shape }) => shape))
        for (const [i, output] of outputs.entries())
          for (const values of [output, moved[i] as Tensor])
            expect([...(await values.data())], label).toEqual(positions[i]?.data)
        const size = first.size
        expectClose(
          await first.data(),
          derivatives(positions, size, (y) => 3 * y * y),
          { relative: 1e-6 },
          label,
        )
        // The first gradient is weighed by the element's own number, which is y.
        expectClose(
          await second.data(),
          derivatives(positions, size, (y) => 6 * y * y),
          { relative: 1e-6 },
          label,
        )
      }
    },
  )

  it('refuses what NumPy refuses', async () => {
    for (const one of refused) {
      const made = async () => evaluateAll(outputsOf(one, counting(one.shape)))
      await expect(made(), JSON.stringify(one)).rejects.toThrow(/expected|out of/)
    }
  })
})

it('has hundreds of cases of each kind', () => {
  expect(defined.length).toBeGreaterThan(400)
  expect(refused.length).toBeGreaterThan(20)
})
