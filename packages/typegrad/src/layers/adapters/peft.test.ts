import { expect, test } from 'vitest'
import {
  adapt,
  adapters,
  input,
  layers,
  mergeAdapters,
  model,
  type Tensor,
  type Variable,
  valueAndGrad,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, readGolden } from '../../testing/golden.ts'

type Name = 'x' | 'weight' | 'a' | 'b' | 'output' | 'cotangent' | 'gradientOfA' | 'gradientOfB' | 'merged'

interface Case extends Readonly<Record<Name, GoldenTensor>> {
  readonly layer: 'conv1d' | 'conv2d' | 'embedding'
  readonly options: Readonly<Record<string, number | readonly number[]>>
  readonly bias?: GoldenTensor
}

const golden = readGolden<{ readonly cases: readonly Case[] }>('peft-adapters.json')

/** PyTorch's layout to ours: channels last, (…window, inputs, outputs); of a table as it is. */
const places: Readonly<
  Record<Case['layer'], { readonly data: readonly number[]; readonly kernel: readonly number[] } | undefined>
> = {
  conv1d: { data: [0, 2, 1], kernel: [2, 1, 0] },
  conv2d: { data: [0, 2, 3, 1], kernel: [2, 3, 1, 0] },
  embedding: undefined,
}

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data(), Number)

test.each(golden.cases)('LoRA of $layer is that of PEFT: output, gradients, merged weight', async (one) => {
  const order = places[one.layer]
  const of = (name: Name): Tensor => fromGolden(one[name])
  const data = (name: Name): Tensor => (order === undefined ? of(name) : of(name).transpose(order.data))
  const kernel = (name: Name): Tensor => (order === undefined ? of(name) : of(name).transpose(order.kernel))
  /** A: (window · inputs or rows, rank). B: (rank, outputs). */
  const a = (name: Name): Tensor => {
    if (order === undefined) return of(name).transpose()
    const x = kernel(name)
    return x.reshape([-1, x.shape.at(-1) as number])
  }
  const b = (name: Name): Tensor => {
    if (order === undefined) return of(name).transpose()
    const x = kernel(name)
    return x.reshape(x.shape.slice(-2))
  }
  const x = data('x')
  const place = input({ shape: x.shape.slice(1), dtype: x.dtype })
  const make = layers[one.layer] as (options: object) => ReturnType<typeof layers.conv2d>
  const tuned = model({ inputs: place, outputs: make({ ...one.options, name: 'one' }).apply(place) })
  const weight = order === undefined ? 'one/embeddings' : 'one/kernel'
  // PEFT's A reads windows of all inputs, also where another cut of the axes would take fewer numbers.
  const inputAxes = order === undefined ? 1 : order.kernel.length - 1
  adapt(tuned, weight, adapters.lowRank({ rank: 2, alpha: 3, inputAxes }))
  const at = (path: string): Variable => tuned.weightPaths.get(path) as Variable
  at(weight).assign(kernel('weight'))
  if (one.bias !== undefined) at('one/bias').assign(fromGolden(one.bias))
  const [ours, theirs] = [at(`${weight}/low_rank/a`), at(`${weight}/low_rank/b`)]
  ours.assign(a('a'))
  theirs.assign(b('b'))

  const apply = (): Tensor => tuned.apply(x) as Tensor
  expectClose(await numbers(apply()), await numbers(data('output')), { scaled: 1e-5 })
  const { grads } = valueAndGrad(() => apply().mul(data('cotangent')).sum(), [ours, theirs])
  expectClose(await numbers(grads[0] as Tensor), await numbers(a('gradientOfA')), { scaled: 1e-5 })
  expectClose(await numbers(grads[1] as Tensor), await numbers(b('gradientOfB')), { scaled: 1e-5 })
  expect(mergeAdapters(tuned)).toEqual([weight])
  expectClose(await numbers(at(weight).value), await numbers(kernel('merged')), { scaled: 1e-5 })
})
