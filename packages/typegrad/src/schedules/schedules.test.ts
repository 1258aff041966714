import { describe, expect, it } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { evaluateAll, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import {
  cosineDecay,
  exponentialDecay,
  getSchedule,
  inverseTimeDecay,
  type LearningRateSchedule,
  piecewiseConstantDecay,
  polynomialDecay,
} from './index.ts'

const steps = [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 19, 20, 21, 35, 100]

/** The definitions in Keras's documentation. */
const cosine = (done: number) => 0.5 * (1 + Math.cos(Math.PI * done))
const cases: [string, LearningRateSchedule, (step: number) => number][] = [
  [
    'exponential',
    exponentialDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 }),
    (step) => 0.1 * 0.5 ** (step / 10),
  ],
  [
    'exponential staircase',
    exponentialDecay({ initialLearningRate: 0.1, decaySteps: 7, decayRate: 0.5, staircase: true }),
    (step) => 0.1 * 0.5 ** Math.floor(step / 7),
  ],
  [
    'inverse time',
    inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }),
    (step) => 0.1 / (1 + (0.5 * step) / 2),
  ],
  [
    'inverse time staircase',
    inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5, staircase: true }),
    (step) => 0.1 / (1 + 0.5 * Math.floor(step / 3)),
  ],
  [
    'piecewise constant',
    piecewiseConstantDecay({ boundaries: [3, 10], values: [1, 0.5, 0.1] }),
    (step) => (step <= 3 ? 1 : step <= 10 ? 0.5 : 0.1),
  ],
  [
    'polynomial',
    polynomialDecay({ initialLearningRate: 0.1, endLearningRate: 0.01, decaySteps: 20, power: 2 }),
    (step) => 0.09 * (1 - Math.min(step, 20) / 20) ** 2 + 0.01,
  ],
  [
    'polynomial in cycles',
    polynomialDecay({ initialLearningRate: 0.1, endLearningRate: 0.01, decaySteps: 10, cycle: true }),
    (step) => 0.09 * (1 - step / (10 * (step === 0 ? 1 : Math.ceil(step / 10)))) + 0.01,
  ],
  [
    'cosine',
    cosineDecay({ initialLearningRate: 0.1, decaySteps: 20, alpha: 0.2 }),
    (step) => 0.1 * (0.8 * cosine(Math.min(step, 20) / 20) + 0.2),
  ],
  [
    'cosine after a warm-up',
    cosineDecay({ initialLearningRate: 0.01, warmupTarget: 0.1, warmupSteps: 5, decaySteps: 20 }),
    (step) => (step < 5 ? 0.01 + (0.09 * step) / 5 : 0.1 * cosine(Math.min(step - 5, 20) / 20)),
  ],
]

describe('schedules', () => {
  it.each(cases)('%s', async (_, schedule, definition) => {
    for (const twin of [schedule, getSchedule(serialize(schedule))]) {
      const rates = steps.map((step) => twin.at(tensor(step, { dtype: 'int32' })))
      await evaluateAll(rates)
      expectClose(await Promise.all(rates.map((rate) => rate.item())), steps.map(definition), {
        scaled: 1e-6,
      })
    }
  })

  it('refuse options that make no sense', () => {
    expect(() => exponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 1 })).toThrow(
      'exponentialDecay: expected decaySteps above 0, received 0.',
    )
    expect(() => piecewiseConstantDecay({ boundaries: [1], values: [1] })).toThrow(ArgumentError)
  })
})
