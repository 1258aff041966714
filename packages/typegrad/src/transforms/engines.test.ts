import { createWebEngine } from '@typegrad/web'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import type { Engine } from '../engine/engine.ts'
import { createEngine } from '../engine/select.ts'
import * as tg from '../index.ts'
import { type Tensor, tensor } from '../index.ts'
import { optimize } from '../passes/optimize.ts'
import { expectClose } from '../testing/closeness.ts'
import { numbers } from '../testing/numeric-gradient.ts'
import { valuesOn } from '../testing/values-on.ts'

/** One step of a random program: picks operands among what there is and adds a tensor. */
interface Step {
  readonly op: string
  readonly at: readonly [number, number, number]
}

/** Whole numbers that only this step knows, to choose axes and sizes by. */
type Choice = (count: number) => number
type Operation = (x: Tensor, y: Tensor, choose: Choice) => Tensor

const tame = (x: Tensor): Tensor => x.tanh()
const spatial = (x: Tensor): Tensor => x.reshape([1, x.size, 1])
const axisOf = (x: Tensor, choose: Choice): number => (x.rank === 0 ? 0 : choose(x.rank))
const onAxis =
  (operation: (x: Tensor, axis: number, choose: Choice) => Tensor): Operation =>
  (x, _, choose) =>
    x.rank === 0 ? x : operation(x, axisOf(x, choose), choose)
const like = (x: Tensor, y: Tensor): Tensor =>
  String(x.shape) === String(y.shape) ? y : y.mean().add(x.mul(0))

/** Operations that are defined for all finite numbers, do not jump, and keep numbers near 1. */
const operations: Readonly<Record<string, Operation>> = {
  add: (x, y) => x.add(like(x, y)),
  sub: (x, y) => x.sub(like(x, y)),
  mul: (x, y) => tame(x).mul(tame(like(x, y))),
  div: (x, y) => x.div(like(x, y).square().add(1)),
  pow: (x) => x.abs().add(0.5).pow(1.5).tanh(),
  maximum: (x, y) => tg.ops.maximum(x, like(x, y)),
  minimum: (x, y) => tg.ops.minimum(x, like(x, y)),
  exp: (x) => tame(x).exp(),
  log: (x) => x.square().add(1).log(),
  sqrt: (x) => x.square().add(0.1).sqrt(),
  sin: (x) => x.sin(),
  relu: (x) => x.relu(),
  sigmoid: (x) => x.sigmoid(),
  erf: (x) => x.erf(),
  negate: (x) => x.neg().neg().neg(),
  double: (x) => x.mul(1).add(0).mul(2),
  clip: (x) => x.clip({ min: -0.7, max: 1.1 }),
  where: (x, y) => tg.ops.where(tg.ops.greater(x, 0), x, like(x, y).mul(x)),
  softmax: onAxis((x, axis) => x.softmax(axis)),
  logSumExp: onAxis((x, axis) => x.logSumExp(axis, { keepDims: true }).add(x)),
  sum: onAxis((x, axis, choose) => x.sum(axis, { keepDims: choose(2) === 1 })),
  max: onAxis((x, axis) => x.max(axis)),
  mean: (x) => x.mean(),
  cumsum: onAxis((x, axis, choose) => x.cumsum(axis, { reverse: choose(2) === 1 })),
  sort: onAxis((x, axis) => x.sort(axis)),
  transpose: (x) => x.transpose(),
  twice: (x) => x.transpose().transpose(),
  reshape: (x, _, choose) =>
    choose(2) === 0 ? x.reshape([x.size]) : x.reshape([1, x.size]).reshape([x.size, 1]),
  expandDims: (x, _, choose) => x.expandDims(choose(x.rank + 1)),
  concat: onAxis((x, axis) => tg.ops.concat([x, x.mul(0.5)], axis)),
  slice: onAxis(
    (x, axis, choose) =>
      tg.ops.split(x, x.shape.map((d) => d)[axis] as number, axis)[choose(x.shape[axis] as number)] as Tensor,
  ),
  flip: onAxis((x, axis) => x.flip(axis)),
  pad: (x) => x.pad(x.shape.map(() => [1, 0] as const)),
  gather: onAxis((x, axis, choose) => x.gather([choose(x.shape[axis] as number), 0], axis)),
  tile: (x) => x.tile(x.shape.map((_, i) => (i === 0 ? 2 : 1))),
  matmul: (x) => {
    const rows = x.reshape([-1, x.shape.at(-1) ?? 1])
    return tame(rows.transpose().matmul(rows))
  },
  conv: (x) => tame(tg.ops.conv(spatial(x), tensor([[[0.5]], [[-1]], [[0.25]]]), { padding: 'same' })),
  averagePool: (x) => tg.ops.averagePool(spatial(x), { poolSize: 3, strides: 2, padding: 'same' }),
  maxPool: (x) => tg.ops.maxPool(spatial(x), { poolSize: 3, strides: 2, padding: 'same' }),
  scan: (x) =>
    tg.ops.scan({
      initial: [x.mean()],
      sequences: [x.reshape([x.size])],
      step: ([c], [t]) => ({
        carries: [tame(c.add(t))],
        outputs: [c.mul(t)],
      }),
    }).outputs[0],
}

const step = fc.record({
  op: fc.constantFrom(...Object.keys(operations)),
  at: fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)),
})
const program = fc.record({
  shapes: fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 2,
  }),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
})

const largest = 300

/** The program's last values and the gradient of their sum with respect to what it starts from. */
function results({ shapes, steps }: { shapes: number[][]; steps: Step[] }): Tensor[] {
  const inputs = shapes.map((shape, i) =>
    tensor(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        -1,
        1,
        i * 50 + 1,
      ),
      { shape },
    ),
  )
  const run = (starts: readonly Tensor[]): Tensor[] => {
    const values = [...starts]
    for (const { op, at } of steps) {
      const pick = (n: number): Tensor =>
        values[values.length - 1 - (n % Math.min(values.length, 3))] as Tensor
      const made = (operations[op] as Operation)(pick(at[0]), pick(at[1]), (count) => at[2] % count)
      if (made.size <= largest) values.push(made)
    }
    return values.slice(-2)
  }
  const total = (starts: readonly Tensor[]) =>
    run(starts)
      .map((v) => tg.ops.sum(v))
      .reduce((a, b) => a.add(b))
  return [...run(inputs), ...tg.grad(total)(inputs)]
}

let engines: { node: Engine; web: Engine }
beforeAll(async () => {
  engines = { node: await createEngine(), web: await createWebEngine() }
})

it('random graphs and their gradients give the same on both engines, optimised or not, with kernels or without', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (random) => {
      const outputs = results(random).map(({ node }) => node)
      const plain = await valuesOn(engines.node, outputs)
      const optimized = optimize(outputs)
      expect(optimized.map(({ shape, dtype }) => [shape, dtype])).toEqual(
        outputs.map(({ shape, dtype }) => [shape, dtype]),
      )
      const others = {
        optimized: await valuesOn(engines.node, optimized),
        kernels: await valuesOn(
          engines.node,
          optimize(outputs, engines.node.kernelSupport),
          engines.node.kernelSupport,
        ),
        web: await valuesOn(engines.web, optimized),
      }
      for (const [name, values] of Object.entries(others)) {
        for (const [i, value] of values.entries()) {
          // Errors of float32 grow from step to step; 1e-5 holds for one operation (golden.test.ts).
          expectClose(value, plain[i] as Float32Array, { scaled: 1e-4 }, `${name}: result ${i}`)
        }
      }
    }),
    { numRuns: isWhole ? 100 : 40 },
  )
}, 240_000)

it.each(['node', 'web'] as const)(
  'a last axis of 1 against a single number is computed as a row: %s',
  async (name) => {
    const engine = engines[name]
    const count = 2048
    const data = Float32Array.from({ length: count }, (_, i) => (i - 1000) / 8)
    const column = tensor(data, { shape: [count / 16, 16, 1] })
    const [four, one] = [tensor([[4]]), tensor(1)]
    const cases: readonly [Tensor, (x: number) => number][] = [
      [column.div(four), (x) => x / 4],
      [four.sub(column), (x) => 4 - x],
      [tg.ops.maximum(one, column), (x) => Math.max(1, x)],
      [tg.ops.less(column, four).cast('float32'), (x) => Number(x < 4)],
      [tg.ops.less(four, column).cast('float32'), (x) => Number(4 < x)],
    ]
    const values = await valuesOn(engine, optimize(cases.map(([result]) => result.node)))
    for (const [i, [result, truth]] of cases.entries()) {
      expect(result.shape).toEqual(column.shape)
      expect(Array.from(values[i] as Float32Array)).toEqual(Array.from(data, truth))
    }
  },
)
