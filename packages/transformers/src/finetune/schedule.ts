import { schedules } from 'typegrad'
import { ArgumentError } from 'typegrad/core'

type Schedule = ReturnType<typeof schedules.getSchedule>

/** How the learning rate goes on after its warm-up: stays, falls to 0 along a line, or along half a cosine. */
export type ScheduleName = 'constant' | 'linear' | 'cosine'

interface ScheduleParts {
  /** The learning rate behind the warm-up. */
  readonly rate: number
  /** Steps of a rise from 0, or, below 1, their share of all steps. */
  readonly warmup: number
  /** All steps; undefined where it is not known. */
  readonly steps: number | undefined
}

/**
 * The learning rate of each step, as transformers' `get_scheduler` has it: the first step of a warm-up of n is made with 0,
 * step n with the whole rate.
 *
 * @throws ArgumentError for a fall over a number of steps that is not known, and a warm-up as long as the training.
 */
export function scheduleOf(name: ScheduleName, { rate, warmup, steps }: ScheduleParts): Schedule | number {
  if (name === 'constant' && warmup === 0) return rate
  if (steps === undefined) {
    throw new ArgumentError({
      where: 'finetune: stepsPerEpoch',
      expected: 'how many batches an epoch has, which a schedule over a stream has to know',
      received: 'none',
      fix: "Say it, or choose schedule: 'constant' without a warm-up.",
    })
  }
  const rising = warmup < 1 ? Math.round(warmup * steps) : warmup
  if (rising >= steps) {
    throw new ArgumentError({
      where: 'finetune: warmup',
      expected: `fewer steps than the training has, which are ${steps}`,
      received: String(rising),
    })
  }
  const decaySteps = steps - rising
  const after = {
    constant: () => rate,
    linear: () => schedules.polynomialDecay({ initialLearningRate: rate, endLearningRate: 0, decaySteps }),
    cosine: () => schedules.cosineDecay({ initialLearningRate: rate, decaySteps }),
  }[name]()
  return rising === 0 ? after : schedules.warmup({ schedule: after, warmupSteps: rising })
}
