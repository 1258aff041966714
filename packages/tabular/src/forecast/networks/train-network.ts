import { compile, optimizers, schedules, type Tensor, type Variable, valueAndGrad } from 'typegrad'
import { Generator, hostRandom, withGenerator } from 'typegrad/core'
import type { Past, WorkOptions } from '../task.ts'
import type { WindowBatch, WindowCutter } from './windows-of-series.ts'

/** Fewer windows than these teach a network nothing that it could use. */
const leastWindows = 40

/** How networks are trained. */
const [batchSize, learningRate] = [64, 2e-3]

/** Windows of series whose whole future is before the ends of the pasts. */
export function trainingWindows(pasts: readonly Past[], horizon: number): Past[] | undefined {
  const windows = pasts.flatMap(({ series, end }) =>
    Array.from({ length: Math.max(0, end - horizon - 2) }, (_, i): Past => ({ series, end: i + 3 })),
  )
  return windows.length < leastWindows ? undefined : windows
}

/**
 * Makes the loss of windows small, by Adam whose rate falls along a cosine; until it is done or there is no more time.
 *
 * @param weights that are trained; they are made by `prepare`, within a seed.
 */
export async function trainNetwork(
  {
    cutter,
    windows,
    loss,
    prepare,
  }: {
    readonly cutter: WindowCutter
    readonly windows: readonly Past[]
    /** A scalar. */
    readonly loss: (inputs: readonly Tensor[], targets: Tensor) => Tensor
    /** Builds the network on a first batch. */
    readonly prepare: (first: WindowBatch) => readonly Variable[]
  },
  { seed, deadline, signal, steps }: WorkOptions,
): Promise<void> {
  // Of its own: what the program draws behind it does not depend on it.
  const generator = new Generator(seed)
  const below = hostRandom(seed, 0x717d)
  const drawn = (): WindowBatch =>
    cutter.cut(Array.from({ length: batchSize }, () => windows[below(windows.length)] as Past))
  const weights = withGenerator(generator, () => prepare(drawn()))
  const optimizer = optimizers.adam({
    learningRate: schedules.cosineDecay({ initialLearningRate: learningRate, decaySteps: steps }),
    globalClipnorm: 1,
  })
  const step = compile((targets: Tensor, ...inputs: Tensor[]) =>
    withGenerator(generator, () => {
      const { value, grads } = valueAndGrad(() => loss(inputs, targets), [...weights])
      optimizer.apply(grads, [...weights])
      return value
    }),
  )
  for (let i = 0; i < steps; i++) {
    signal?.throwIfAborted()
    if (performance.now() > deadline) return
    const { inputs, targets } = drawn()
    await step(targets, ...inputs)
  }
}
