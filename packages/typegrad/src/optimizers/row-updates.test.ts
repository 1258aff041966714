import { createWebEngine } from '@typegrad/web'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { createEngine, setEngine } from '../engine/select.ts'
import { compile, ops, type Tensor, tensor, Variable, valueAndGrad, zeros } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { numbers } from '../testing/numeric-gradient.ts'
import { adagrad, adam, lossScaleOptimizer, type Optimizer, sgd } from './index.ts'

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  'node engine': () => createEngine(),
  'node engine without kernels': () => createEngine({ kernels: false }),
  'web engine': () => createWebEngine(),
}

const optimizers: Readonly<Record<string, () => Optimizer>> = {
  plain: () => sgd({ learningRate: 0.1 }),
  momentum: () => sgd({ learningRate: 0.1, momentum: 0.9 }),
  clipnorm: () => sgd({ learningRate: 0.1, clipnorm: 0.5 }),
  globalClipnorm: () => sgd({ learningRate: 0.1, globalClipnorm: 0.5 }),
  clipvalue: () => sgd({ learningRate: 0.1, clipvalue: 0.2 }),
  decay: () => sgd({ learningRate: 0.1, weightDecay: 0.1 }),
  average: () => sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 2 }),
  accumulation: () => sgd({ learningRate: 0.1, gradientAccumulationSteps: 2 }),
  'loss scale': () => lossScaleOptimizer({ innerOptimizer: sgd({ learningRate: 0.1 }), initialScale: 8 }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adam: () => adam({ learningRate: 0.1 }),
}

/** What a step does with the table beside gathering from it. */
const readers = ['nothing', 'penalty', 'tied weights', 'its old value', 'its new value'] as const

interface Program {
  readonly size: number
  readonly columns: number
  readonly dtype: 'float32' | 'float64'
  readonly indexDTypes: readonly ('int32' | 'int64')[]
  readonly gathers: readonly (readonly number[])[]
  readonly reader: (typeof readers)[number]
}

type Lookup = (table: Tensor, ids: Tensor, size: number) => Tensor

/** Rows by their indices. The other form is a product, whose gradient is a whole table. */
const sparse: Lookup = (table, ids) => ops.gather(table, ids)
const dense: Lookup = (table, ids, size) =>
  ops.oneHot(ids.add(size).mod(size), size, { dtype: table.dtype }).matmul(table)

/** Trains a table for some steps: what it, a variable beside it and the optimizer's state have become. */
async function train(program: Program, lookup: Lookup, make: () => Optimizer): Promise<number[]> {
  const { size, columns, dtype, reader } = program
  const values = (count: number, seed: number): Tensor => tensor(numbers(count, -1, 1, seed), { dtype })
  const table = new Variable(values(size * columns, 1).reshape([size, columns]), { name: 'table' })
  const beside = new Variable(zeros([], { dtype }), { name: 'beside', trainable: false })
  const optimizer = make()
  const step = compile((batch: Tensor[]) => {
    const old = table.value
    const { value, grads } = valueAndGrad(() => {
      const losses = batch.map((ids, i): Tensor => {
        const rows = lookup(table.value, ids, size)
        return rows
          .mul(values(rows.size, i + 2).reshape(rows.shape))
          .sum()
          .add(rows.square().sum().mul(0.1))
      })
      if (reader === 'penalty') losses.push(table.value.square().sum().mul(0.01))
      if (reader === 'tied weights') {
        const scores = lookup(table.value, batch[0] as Tensor, size).matmul(table.value.transpose() as Tensor)
        losses.push(scores.square().mean())
      }
      return optimizer.scaleLoss(losses.reduce((a, b) => a.add(b)))
    }, [table])
    optimizer.apply(grads, [table])
    if (reader === 'its old value') beside.assign(beside.value.add(old.square().sum()))
    if (reader === 'its new value') beside.assign(beside.value.add(table.value.square().sum()))
    return value
  })
  const batch = program.gathers.map((ids, i) => {
    const indices = tensor([...ids], { dtype: program.indexDTypes[i] ?? 'int32' })
    return ids.length % 2 === 0 ? indices.reshape([2, ids.length / 2]) : indices
  })
  for (let i = 0; i < 3; i++) await step(batch)
  const all = [table, beside, ...optimizer.variables]
  return (await Promise.all(all.map((variable) => variable.value.data()))).flatMap((data) =>
    Array.from(data, Number),
  )
}

const program: fc.Arbitrary<Program> = fc.integer({ min: 2, max: 12 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    columns: fc.integer({ min: 1, max: 9 }),
    dtype: fc.constantFrom('float32', 'float32', 'float64'),
    indexDTypes: fc.array(fc.constantFrom('int32', 'int64'), { minLength: 3, maxLength: 3 }),
    // Negative indices count from the end; equal ones, of either sign, add up.
    gathers: fc.array(fc.array(fc.integer({ min: -size, max: size - 1 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 3,
    }),
    reader: fc.constantFrom(...readers),
  }),
)

afterAll(async () => setEngine(await createEngine()))

describe.each(Object.keys(engines))('training a table of rows on the %s', (name) => {
  test('ends where training it as a whole does', async () => {
    setEngine(await (engines[name] as () => Promise<Engine>)())
    await fc.assert(
      fc.asyncProperty(program, fc.constantFrom(...Object.keys(optimizers)), async (random, by) => {
        const make = optimizers[by] as () => Optimizer
        expectClose(await train(random, sparse, make), await train(random, dense, make), { scaled: 1e-5 }, by)
      }),
      {
        numRuns: 60,
        // Rows that add up to no round number, less themselves, are exactly 0: that is how gradients are found finite.
        examples: [
          [
            {
              size: 11,
              columns: 1,
              dtype: 'float32',
              indexDTypes: ['int32', 'int32', 'int32'],
              gathers: [[0, 0, 0]],
              reader: 'nothing',
            },
            'loss scale',
          ],
        ],
      },
    )
  }, 60_000)
})

test('a table is touched where rows were gathered, and nowhere else', async () => {
  const table = new Variable(zeros([1000, 8]), { name: 'table' })
  const optimizer = sgd({ learningRate: 1 })
  const step = compile((ids: Tensor) => {
    const { grads } = valueAndGrad(() => ops.gather(table.value, ids).sum(), [table])
    optimizer.apply(grads, [table])
  })
  const ids = tensor([3, 999, 3], { dtype: 'int32' })
  await step(ids)
  const memory = (): unknown => (table.node.kind === 'data' ? table.node.params.source : undefined)
  const before = memory()
  await step(ids)
  expect(memory()).toBe(before)
  const values = await table.value.data()
  const expected = Array.from({ length: 8000 }, (_, i) => ({ 3: -4, 999: -2 })[Math.floor(i / 8)] ?? 0)
  expect(Array.from(values, Number)).toEqual(expected)
})
