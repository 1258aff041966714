import { describe, expect, it } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { evaluateAll, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  getSchedule,
  inverseSquareRootDecay,
  inverseTimeDecay,
  type LearningRateSchedule,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  stableDecay,
  warmup,
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

  it.each([
    [
      "Keras's CosineDecayRestarts, all as long",
      cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10, tMul: 1, mMul: 0.5 }),
      [
        0.100000001, 0.097552828, 0.090450846, 0.079389267, 0.065450847, 0.049999997, 0.02061074, 0.002447176,
        0.050000001, 0.048776414, 0.001223588, 0.025, 0.024388207, 0.00625, 9.7656e-5,
      ],
    ],
    [
      "Keras's CosineDecayRestarts, twice as long",
      cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 5, alpha: 0.1 }),
      [
        0.100000001, 0.091405764, 0.068905763, 0.041094225, 0.018594233, 0.100000001, 0.091405764,
        0.068905771, 0.054999996, 0.041094225, 0.091405764, 0.086819813, 0.081450343, 0.100000001,
        0.080000661,
      ],
    ],
    [
      "Keras's CosineDecayRestarts, lower each time",
      cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 4, tMul: 1.5, mMul: 0.8 }),
      [
        0.100000001, 0.085355341, 0.049999997, 0.014644662, 0.080000006, 0.074641019, 0.039999999, 0.00535898,
        0.064000003, 0.062070169, 0.051200002, 0.050509956, 0.048476998, 0.039438829, 0.018298699,
      ],
    ],
    [
      "Hugging Face's linear",
      warmup({
        warmupSteps: 5,
        schedule: polynomialDecay({ initialLearningRate: 0.1, endLearningRate: 0, decaySteps: 20 }),
      }),
      [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.09, 0.08, 0.075, 0.07, 0.03, 0.025, 0.02],
    ],
    [
      "Hugging Face's cosine",
      warmup({ warmupSteps: 5, schedule: cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 }) }),
      [
        0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.097552826, 0.09045085, 0.085355339, 0.079389263, 0.020610737,
        0.014644661, 0.00954915,
      ],
    ],
    [
      "Hugging Face's cosine_with_min_lr",
      warmup({
        warmupSteps: 5,
        schedule: cosineDecay({ initialLearningRate: 0.1, decaySteps: 20, alpha: 0.1 }),
      }),
      [
        0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.097797543, 0.091405765, 0.086819805, 0.081450336, 0.028549664,
        0.023180195, 0.018594235,
      ],
    ],
    [
      "Hugging Face's constant_with_warmup",
      warmup({ warmupSteps: 5, schedule: 0.1 }),
      [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.1],
    ],
    [
      "Hugging Face's inverse_sqrt",
      warmup({
        warmupSteps: 5,
        schedule: inverseSquareRootDecay({ initialLearningRate: 0.1, timescale: 5 }),
      }),
      [
        0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.084515425, 0.074535599, 0.070710678, 0.067419986, 0.051298918,
        0.05, 0.048795004, 0.037796447, 0.02236068,
      ],
    ],
    [
      "Hugging Face's warmup_stable_decay, linear",
      warmup({
        warmupSteps: 3,
        initialLearningRate: 0.01,
        schedule: stableDecay({
          initialLearningRate: 0.1,
          stableSteps: 8,
          decaySteps: 10,
          alpha: 0.1,
          decay: 'linear',
        }),
      }),
      [0.01, 0.04, 0.07, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.028, 0.019, 0.01, 0.01, 0.01],
    ],
    [
      "Hugging Face's warmup_stable_decay, cosine",
      warmup({
        warmupSteps: 3,
        initialLearningRate: 0.01,
        schedule: stableDecay({
          initialLearningRate: 0.1,
          stableSteps: 8,
          decaySteps: 10,
          alpha: 0.1,
          decay: 'cosine',
        }),
      }),
      [0.01, 0.04, 0.07, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.018594235, 0.012202457, 0.01, 0.01, 0.01],
    ],
    [
      "Hugging Face's warmup_stable_decay, 1-sqrt",
      warmup({
        warmupSteps: 3,
        initialLearningRate: 0.01,
        schedule: stableDecay({
          initialLearningRate: 0.1,
          stableSteps: 8,
          decaySteps: 10,
          alpha: 0.1,
          decay: '1-sqrt',
        }),
      }),
      [0.01, 0.04, 0.07, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.019501553, 0.014618503, 0.01, 0.01, 0.01],
    ],
    [
      "PyTorch's OneCycleLR",
      oneCycle({ maxLearningRate: 0.4, totalSteps: 20 }),
      [
        0.016, 0.052668737, 0.148668737, 0.267331263, 0.363331263, 0.4, 0.380193853, 0.324698262, 0.286777201,
        0.244504809, 1.6e-6, 1.6e-6,
      ],
    ],
    [
      "PyTorch's OneCycleLR along lines",
      oneCycle({
        maxLearningRate: 0.4,
        totalSteps: 20,
        pctStart: 0.5,
        annealStrategy: 'linear',
        divFactor: 10,
        finalDivFactor: 100,
      }),
      [0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.32, 0.4, 0.36004, 0.32008, 0.0004, 0.0004],
    ],
  ] as [string, LearningRateSchedule, number[]][])('%s', async (_, schedule, expected) => {
    for (const twin of [schedule, getSchedule(serialize(schedule))]) {
      const rates = expected.map((__, i) => twin.at(tensor(steps[i] as number, { dtype: 'int32' })))
      await evaluateAll(rates)
      expectClose(await Promise.all(rates.map((rate) => rate.item())), expected, { scaled: 1e-6 })
    }
  })

  it('restart at the very step, however many there were', async () => {
    const schedule = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 7 })
    const restarts = Array.from({ length: 14 }, (_, i) => 7 * (2 ** i - 1))
    const rates = restarts.map((step) => schedule.at(tensor(step, { dtype: 'int32' })))
    await evaluateAll(rates)
    expectClose(
      await Promise.all(rates.map((rate) => rate.item())),
      restarts.map(() => 1),
    )
  })

  it('refuse options that make no sense', () => {
    expect(() => exponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 1 })).toThrow(
      'exponentialDecay: expected decaySteps above 0, received 0.',
    )
    expect(() => piecewiseConstantDecay({ boundaries: [1], values: [1] })).toThrow(ArgumentError)
    expect(() => cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 5, tMul: 0.5 })).toThrow(
      ArgumentError,
    )
    expect(() => oneCycle({ maxLearningRate: 1, totalSteps: 10, pctStart: 2 })).toThrow(ArgumentError)
  })
})
