import { expect, test } from 'vitest'
import {
  adapt,
  adapters,
  layers,
  mergeAdapters,
  optimizers,
  scalar,
  sequential,
  type Tensor,
  type Variable,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'

/** Of tools/golden/make_movement_pruning.py. */
interface Step {
  readonly loss: number
  readonly zeros: number
  readonly mask: GoldenTensor
  readonly first: GoldenTensor
  readonly second: GoldenTensor
  readonly scores: GoldenTensor
}
const golden = readGolden<{
  readonly rate: number
  readonly momentum: number
  readonly penalty: number
  readonly threshold: number
  readonly sparsities: readonly number[]
  readonly x: GoldenTensor
  readonly y: GoldenTensor
  readonly begin: Readonly<Record<'first' | 'second' | 'scores', GoldenTensor>>
  readonly cases: readonly { readonly form: 'share' | 'threshold'; readonly steps: readonly Step[] }[]
}>('movement-pruning.json')
const { rate, momentum, penalty, threshold, sparsities, begin } = golden

const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

/** What makes a weight sparse, where its scores begin, and what of it is raised from step to step. */
const forms = {
  share: { adapter: () => adapters.movementPruned({ sparsity: 0 }), name: 'movement_pruned', scale: 1 },
  threshold: {
    adapter: () => adapters.softMovementPruned({ penalty, threshold }),
    name: 'soft_movement_pruned',
    scale: 3,
  },
} as const

test.each(golden.cases)(
  'by a $form: weights, scores and what is zero after each step are those of PyTorch',
  async ({ form, steps }) => {
    const { adapter, name, scale } = forms[form]
    const model = sequential([
      layers.dense({ units: 8, inputShape: [12], name: 'first', activation: 'tanh', useBias: false }),
      layers.dense({ units: 4, name: 'second', useBias: false }),
    ])
    const of = (path: string) => model.weightPaths.get(path) as Variable
    of('first/kernel').assign(fromGolden(begin.first))
    adapt(model, 'first/kernel', adapter())
    const [first, second] = [of('first/kernel'), of('second/kernel')]
    second.assign(fromGolden(begin.second))
    const scores = of(`first/kernel/${name}/scores`)
    scores.assign(fromGolden(begin.scores).mul(scale))
    // Both learn: the scores what is read, the weights what it is.
    first.trainable = true
    model.compile({ optimizer: optimizers.sgd({ learningRate: rate, momentum }), loss: 'mse' })
    const [x, y] = [fromGolden(golden.x), fromGolden(golden.y)]
    const layer = model.layers[0] as layers.Dense
    for (const [i, step] of steps.entries()) {
      if (form === 'share') of(`first/kernel/${name}/sparsity`).assign(scalar(sparsities[i] as number))
      const read = await numbersOf(layer.weightsAsRead[0]?.value as Tensor)
      expect(read.map((value) => Number(value !== 0))).toEqual(goldenValues(step.mask))
      const logs = await model.trainOnBatch(x, y)
      expect(Number(logs.loss)).toBeCloseTo(step.loss, 4)
      expectClose(await numbersOf(first.value), goldenValues(step.first), { scaled: 1e-5 })
      expectClose(await numbersOf(second.value), goldenValues(step.second), { scaled: 1e-5 })
      expectClose(await numbersOf(scores.value), goldenValues(step.scores), { scaled: 1e-5 })
    }
    const last = await numbersOf(layer.weightsAsRead[0]?.value as Tensor)
    mergeAdapters(model)
    expect(await numbersOf(of('first/kernel').value)).toEqual(last)
    expect(last.filter((value) => value === 0).length).toBeGreaterThan(20)
  },
)
