import { describe, expect, it } from 'vitest'
import type { TraceError } from '../base/errors.ts'
import type { Storage } from '../engine/engine.ts'
import {
  compile,
  defaultEngine,
  grad,
  ones,
  ops,
  type Tensor,
  tensor,
  Variable,
  valueAndGrad,
  zeros,
} from '../index.ts'

/** A compiled function and how often it was traced. */
function counted<A extends readonly unknown[], R>(fn: (...args: A) => R) {
  let traces = 0
  const compiled = compile((...args: A) => {
    traces++
    return fn(...args)
  })
  return { compiled, traces: () => traces }
}

describe('compile: the cache', () => {
  it('traces once for each combination of shapes, dtypes and plain arguments', async () => {
    const { compiled, traces } = counted((x: Tensor, factor: number, sign: string) =>
      sign === 'minus' ? x.mul(-factor) : x.mul(factor),
    )
    expect(await (await compiled(tensor([1, 2]), 3, 'plus')).toArray()).toEqual([3, 6])
    expect(await (await compiled(tensor([5, 6]), 3, 'plus')).toArray()).toEqual([15, 18])
    expect(traces()).toBe(1)
    expect(await (await compiled(tensor([1, 2]), 3, 'minus')).toArray()).toEqual([-3, -6])
    expect(traces()).toBe(2)
    expect(await (await compiled(tensor([1, 2]), 4, 'minus')).toArray()).toEqual([-4, -8])
    await compiled(tensor([1, 2, 3]), 4, 'minus')
    await compiled(tensor([1, 2], { dtype: 'int32' }), 4, 'minus')
    expect(traces()).toBe(5)
    await compiled(tensor([7, 8]), 4, 'minus')
    expect(traces()).toBe(5)
  })

  it('tells plain arguments apart that print alike', async () => {
    const { compiled, traces } = counted((x: Tensor, option: unknown) => x.mul(option === null ? 2 : 1))
    for (const option of [null, 'null', undefined, 'undefined', 0, '0', -0, 0n, true, 'true'])
      await compiled(tensor([1]), option)
    expect(traces()).toBe(10)
    // Two functions with one text may differ in what they captured.
    const scale = (by: number) => () => by
    await compiled(tensor([1]), scale(1))
    await compiled(tensor([1]), scale(2))
    expect(traces()).toBe(12)
  })

  it('takes and returns tensors in nested arrays and objects', async () => {
    const compiled = compile(({ a, list }: { a: Tensor; list: [Tensor, { b: Tensor }] }) => ({
      sum: a.add(list[0]),
      rest: [list[1].b.mul(2), 'a word', null] as const,
    }))
    const result = await compiled({ a: tensor([1]), list: [tensor([2]), { b: tensor([3]) }] })
    expect(await result.sum.toArray()).toEqual([3])
    expect(await result.rest[0].toArray()).toEqual([6])
    expect(result.rest.slice(1)).toEqual(['a word', null])
  })

  it('shares one compilation among calls at the same time', async () => {
    const { compiled, traces } = counted((x: Tensor) => x.mul(2))
    const results = await Promise.all([1, 2, 3].map((value) => compiled(tensor([value]))))
    expect(await ops.stack(results).toArray()).toEqual([[2], [4], [6]])
    expect(traces()).toBe(1)
  })

  it('forgets a trace that failed', async () => {
    let fails = true
    const compiled = compile((x: Tensor) => {
      if (fails) throw new Error('not yet')
      return x
    })
    await expect(compiled(tensor([1]))).rejects.toThrow('not yet')
    fails = false
    expect(await (await compiled(tensor([1]))).toArray()).toEqual([1])
  })
})

describe('compile: order', () => {
  it('begins calls in the order in which they are made, whatever each of them waits for', async () => {
    const log = new Variable(zeros([]), { name: 'log' })
    const append = (digit: Tensor) => log.assign(log.value.mul(10).add(digit.sum()))
    const first = compile(append)
    const second = compile(append)
    await second(tensor(9))
    log.assign(zeros([]))
    const calls = [
      // The first must be compiled, its argument computed; the second is ready at once.
      first(
        ones([200, 200])
          .matmul(ones([200, 200]))
          .mul(0)
          .add(1)
          .mean(),
      ),
      second(tensor(2)),
      first(tensor(3)),
      second(tensor(1).add(3)),
    ]
    await Promise.all(calls)
    expect(await log.value.item()).toBe(1234)
  })

  it('computes arguments that are pending', async () => {
    const compiled = compile((x: Tensor, y: Tensor) => x.mul(y))
    const x = tensor([1, 2]).add(1)
    expect(await (await compiled(x, x.mul(2))).toArray()).toEqual([8, 18])
  })

  it('captures tensors from outside, pending ones too', async () => {
    const data = tensor([1, 2, 3])
    const pending = data.mul(10)
    const compiled = compile((x: Tensor) => x.add(data).add(pending))
    expect(await (await compiled(tensor([1, 1, 1]))).toArray()).toEqual([12, 23, 34])
    expect(await (await compiled(tensor([0, 0, 0]))).toArray()).toEqual([11, 22, 33])
  })

  it('differentiates inside, to any order', async () => {
    const cube = (x: Tensor) => ops.sum(x.mul(x).mul(x))
    const compiled = compile(
      (x: Tensor) => [grad(cube)(x), grad((t: Tensor) => grad(cube)(t).sum())(x)] as const,
    )
    const [first, second] = await compiled(tensor([1, 2]))
    expect(await first.toArray()).toEqual([3, 12])
    expect(await second.toArray()).toEqual([6, 12])
  })
})

describe('compile: mistakes', () => {
  const code = async (call: () => Promise<unknown>): Promise<string> => {
    try {
      await call()
      return 'no error'
    } catch (error) {
      return `${(error as TraceError).code}: ${(error as TraceError).message}`
    }
  }

  it('refuses a compiled function inside of another', async () => {
    const inner = compile((x: Tensor) => x.mul(2))
    const outer = compile((x: Tensor) => {
      void inner(x)
      return x
    })
    expect(await code(() => outer(tensor(1)))).toMatch(/^trace: compile: .*Call the plain function there/)
  })

  it('leaves variables alone if the trace fails', async () => {
    const w = new Variable(tensor([1]))
    const compiled = compile((x: Tensor) => {
      w.assign(x)
      return x.matmul(zeros([5, 5]))
    })
    expect(await code(() => compiled(tensor([2])))).toMatch(/^shape: matmul/)
    expect(await w.value.toArray()).toEqual([1])
  })
})

describe('explain and toOnnx', () => {
  const w = new Variable(tensor([[1], [2]]), { name: 'kernel' })
  const step = compile((x: Tensor, y: Tensor) => {
    const { value, grads } = valueAndGrad(() => x.matmul(w.value).sub(y).square().mean(), [w])
    w.assign(w.value.sub(grads[0].mul(0.1)))
    return value
  })
  const x = tensor([
    [1, 2],
    [3, 4],
  ])
  const y = tensor([[1], [2]])

  it('shows the graph and its size', () => {
    const text = step.explain(x, y)
    expect(text).toMatch(/%\d+ = input\(\) \{kernel\} : float32 \[2, 1\]/)
    expect(text).toMatch(/matmul\(%\d+, %\d+\) : float32 \[2, 1\]/)
    expect(text).toMatch(/\d+ nodes → ONNX: \d+ operators, \d+ bytes/)
    expect(text).toMatch(/MatMul|Gemm/)
  })

  it('gives a model that computes the step, with the variables by name', async () => {
    const engine = await defaultEngine()
    const executable = await engine.load(step.toOnnx(x, y))
    expect(executable.inputs.map(({ name }) => name).sort()).toEqual(['argument_0', 'argument_1', 'kernel'])
    expect(executable.outputs.map(({ name }) => name)).toEqual(['result_0', 'kernel_next'])
    const values = { argument_0: [1, 2, 3, 4], argument_1: [1, 2], kernel: [1, 2] }
    const inputs = executable.inputs.map(({ name, shape }) =>
      engine.upload(Float32Array.from(values[name as keyof typeof values]), 'float32', shape),
    )
    const outputs = executable.outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
    await executable.run(inputs, outputs)
    // x·w = [5, 11], off by [4, 9]: loss (16 + 81) / 2, gradient xᵀ·[4, 9] = [31, 44].
    expect(Array.from((await engine.read(outputs[0] as Storage)) as Float32Array)).toEqual([48.5])
    const updated = Array.from((await engine.read(outputs[1] as Storage)) as Float32Array)
    expect(updated).toEqual([expect.closeTo(1 - 3.1, 5), expect.closeTo(2 - 4.4, 5)])
  })

  it('does not change anything', async () => {
    step.explain(x, y)
    step.toOnnx(x, y)
    expect(await w.value.toArray()).toEqual([[1], [2]])
  })
})
