import { expect, test } from 'vitest'
import { Callback, type Layer, type Logs, layers, optimizers, sequential } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Fingerprint {
  readonly sum: number
  readonly norm: number
  readonly first: readonly number[]
}

/** What one epoch of a training in Keras came to. */
interface GoldenEpoch {
  readonly epoch: number
  readonly loss: number
  readonly accuracy?: number
  readonly weights?: readonly GoldenTensor[]
  readonly fingerprints?: readonly Fingerprint[]
}

/** A training in Keras, from its first weights to its predictions. */
interface GoldenProgram {
  readonly program: {
    readonly inputShape: readonly number[]
    readonly layers: readonly { readonly layer: string; readonly config: Record<string, unknown> }[]
    readonly optimizer: { readonly name: 'sgd' | 'adam'; readonly config: Record<string, number> }
    readonly loss: string
    readonly metrics: readonly string[]
    readonly batchSize: number
  }
  readonly x: GoldenTensor
  readonly y: GoldenTensor
  readonly initialWeights: readonly GoldenTensor[]
  readonly epochs: readonly GoldenEpoch[]
  /** `x: null` means the training's own. */
  readonly predictions: { readonly x: GoldenTensor | null; readonly y: GoldenTensor }
}

const factories = layers as unknown as Record<string, (options: Record<string, unknown>) => Layer>

/** Compares weights and logs after every epoch. */
class Follower extends Callback {
  readonly #epochs: readonly GoldenEpoch[]
  seen = 0

  constructor(epochs: readonly GoldenEpoch[]) {
    super()
    this.#epochs = epochs
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const golden = this.#epochs[epoch] as GoldenEpoch
    const where = `epoch ${golden.epoch}`
    this.seen += 1
    expectClose([logs.loss as number], [golden.loss], { relative: 1e-5 }, `${where}: loss`)
    if (golden.accuracy !== undefined) expect(logs.accuracy, where).toBeCloseTo(golden.accuracy, 6)
    const weights = this.model.getWeights()
    for (const [i, weight] of weights.entries()) {
      const name = `${where}: weight ${i}`
      const values = Array.from((await weight.data()) as Float32Array)
      const full = golden.weights?.[i]
      if (full !== undefined) relativeToLargest(values, goldenValues(full), name)
      const print = golden.fingerprints?.[i]
      if (print === undefined) continue
      const norm = Math.hypot(...values)
      expectClose([norm], [print.norm], { relative: 1e-5 }, `${name}: norm`)
      // The sum may cancel; its error is one of the elements, which the norm bounds.
      const sum = values.reduce((a, b) => a + b, 0)
      expect(Math.abs(sum - print.sum), `${name}: sum`).toBeLessThan(
        1e-5 * Math.sqrt(values.length) * print.norm,
      )
      relativeToLargest(
        values.slice(0, print.first.length),
        print.first,
        name,
        Math.max(...values.map(Math.abs)),
      )
    }
  }
}

/** Agreement to 1e-5 of the weight's largest element. */
function relativeToLargest(
  actual: readonly number[],
  expected: readonly number[],
  what: string,
  largest = Math.max(...expected.map(Math.abs)),
): void {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => {
    expect(Math.abs(value - (expected[i] as number)), `${what}[${i}]`).toBeLessThanOrEqual(1e-5 * largest)
  })
}

test.each(['linear-regression', 'regression-mlp-64-64', 'regression-mlp-64', 'convnet'])(
  '%s trains as in Keras, epoch by epoch',
  async (name) => {
    const { program, x, y, initialWeights, epochs, predictions } = readGolden<GoldenProgram>(
      `programs/${name}.json`,
    )
    const model = sequential(
      program.layers.map(({ layer, config }, i) =>
        (factories[layer] as (typeof factories)[string])(
          i === 0 ? { ...config, inputShape: program.inputShape } : config,
        ),
      ),
    )
    model.setWeights(initialWeights.map((weight) => fromGolden(weight)))
    model.compile({
      optimizer: optimizers[program.optimizer.name](program.optimizer.config),
      loss: program.loss,
      metrics: program.metrics,
    })
    const follower = new Follower(epochs)
    await model.fit(fromGolden(x), fromGolden(y, 'float32'), {
      epochs: epochs.length,
      batchSize: program.batchSize,
      shuffle: false,
      verbose: 0,
      callbacks: [follower],
    })
    expect(follower.seen).toBe(epochs.length)
    const predicted = await model.predict(fromGolden(predictions.x ?? x))
    expectClose((await predicted.data()) as Float32Array, goldenValues(predictions.y))
  },
)
