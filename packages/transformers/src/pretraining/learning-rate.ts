import { schedules } from 'typegrad'

/** How the learning rate goes on behind the warm-up. */
export const decays = ['cosine', 'linear', 'inverseSquareRoot', 'stable', 'constant'] as const
export type Decay = (typeof decays)[number]

export interface LearningRateOptions {
  /** The highest learning rate. */
  readonly learningRate: number
  readonly warmupSteps: number
  readonly decay: Decay
  /** What is left at the end, as a share. */
  readonly finalShare: number
  /** Steps of the whole training. */
  readonly steps: number
  /** Batches a step. */
  readonly accumulation: number
}

/** A warm-up and a decay over a training, counted in batches, as an optimizer that accumulates counts them. */
export function learningRateOf(options: LearningRateOptions): schedules.LearningRateSchedule {
  const { learningRate: initialLearningRate, decay, finalShare: alpha, accumulation } = options
  const warmupSteps = options.warmupSteps * accumulation
  const decaySteps = Math.max(1, options.steps * accumulation - warmupSteps)
  // The last tenth falls.
  const falling = Math.max(1, Math.ceil(0.1 * options.steps * accumulation))
  const after: Readonly<Record<Decay, () => number | schedules.LearningRateSchedule>> = {
    cosine: () => schedules.cosineDecay({ initialLearningRate, decaySteps, alpha }),
    linear: () =>
      schedules.polynomialDecay({
        initialLearningRate,
        endLearningRate: alpha * initialLearningRate,
        decaySteps,
      }),
    inverseSquareRoot: () =>
      schedules.inverseSquareRootDecay({ initialLearningRate, timescale: Math.max(1, warmupSteps) }),
    stable: () =>
      schedules.stableDecay({
        initialLearningRate,
        stableSteps: Math.max(0, decaySteps - falling),
        decaySteps: Math.min(falling, decaySteps),
        alpha,
        decay: '1-sqrt',
      }),
    constant: () => initialLearningRate,
  }
  // Without a warm-up the first step is already made with the whole rate: its line has no length.
  return schedules.warmup({
    schedule: after[decay](),
    warmupSteps: Math.max(warmupSteps, 1),
    initialLearningRate: warmupSteps > 0 ? 0 : initialLearningRate,
  })
}
