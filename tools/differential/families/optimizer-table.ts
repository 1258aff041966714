/** Every optimizer of Keras and its options, at random. */
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { chosen, type KerasObject, type Option, type Options, oneOf } from './objects.ts'

const schedules: Readonly<Record<string, Options>> = {
  ExponentialDecay: {
    'initial_learning_rate!': oneOf(0.1, 0.01),
    'decay_steps!': oneOf(1, 2, 5),
    'decay_rate!': oneOf(0.9, 0.5),
    staircase: oneOf(true, false),
  },
  InverseTimeDecay: {
    'initial_learning_rate!': oneOf(0.1, 0.01),
    'decay_steps!': oneOf(1, 3),
    'decay_rate!': oneOf(0.5, 0.1),
    staircase: oneOf(true, false),
  },
  PiecewiseConstantDecay: { 'boundaries!': oneOf([1, 3], [0, 2]), 'values!': oneOf([0.1, 0.05, 0.01]) },
  PolynomialDecay: {
    'initial_learning_rate!': oneOf(0.1, 0.01),
    'decay_steps!': oneOf(2, 4),
    end_learning_rate: oneOf(0.001, 0.02),
    power: oneOf(0.5, 2),
    cycle: oneOf(true, false),
  },
  CosineDecay: {
    // Not 0: as a whole number it would make Keras compute the rate in whole numbers.
    'initial_learning_rate!': oneOf(0.1, 1e-6),
    'decay_steps!': oneOf(2, 6),
    alpha: oneOf(0, 0.2),
    warmup_target: oneOf(0.2),
    warmup_steps: oneOf(0, 2),
  },
  CosineDecayRestarts: {
    'initial_learning_rate!': oneOf(0.1, 0.01),
    'first_decay_steps!': oneOf(1, 2),
    t_mul: oneOf(1, 2),
    m_mul: oneOf(1, 0.5),
    alpha: oneOf(0, 0.1),
  },
}

const rate: Option = (random) => {
  if (random.chance(0.75)) return random.pick([0.001, 0.01, 0.1, 0.5])
  const class_name = random.pick(Object.keys(schedules))
  return { class_name, config: chosen(random, schedules[class_name] as Options) }
}

const betas: Options = { beta_1: oneOf(0.9, 0.5, 0), beta_2: oneOf(0.999, 0.9) }
const epsilon: Options = { epsilon: oneOf(1e-7, 1e-3, 1e-2) }

const table: Readonly<Record<string, Options>> = {
  Adadelta: { rho: oneOf(0.95, 0.5), ...epsilon },
  Adafactor: {
    beta_2_decay: oneOf(-0.8, -0.5),
    epsilon_1: oneOf(1e-30, 1e-3),
    epsilon_2: oneOf(0.001, 0.1),
    clip_threshold: oneOf(1, 0.5),
    relative_step: oneOf(true, false),
  },
  Adagrad: { initial_accumulator_value: oneOf(0.1, 0, 1), ...epsilon },
  Adam: { ...betas, ...epsilon, amsgrad: oneOf(true, false) },
  AdamW: { ...betas, ...epsilon, amsgrad: oneOf(true, false) },
  Adamax: { ...betas, ...epsilon },
  Ftrl: {
    learning_rate_power: oneOf(-0.5, -1, 0),
    initial_accumulator_value: oneOf(0.1, 1),
    l1_regularization_strength: oneOf(0, 0.01, 0.1),
    l2_regularization_strength: oneOf(0, 0.1),
    l2_shrinkage_regularization_strength: oneOf(0, 0.1),
    beta: oneOf(0, 0.5),
  },
  Lamb: { ...betas, ...epsilon },
  Lion: betas,
  Muon: {
    adam_beta_1: oneOf(0.9, 0.5),
    adam_beta_2: oneOf(0.999, 0.9),
    adam_weight_decay: oneOf(0.004, 0.1),
    ...epsilon,
    momentum: oneOf(0.95, 0.5),
    nesterov: oneOf(true, false),
    ns_steps: oneOf(5, 2),
    rms_rate: oneOf(0.2, 0.5),
    adam_lr_ratio: oneOf(1, 0.5),
    exclude_layers: oneOf(['kernel'], []),
  },
  Nadam: { ...betas, ...epsilon },
  RMSprop: { rho: oneOf(0.9, 0.5), momentum: oneOf(0, 0.9), ...epsilon, centered: oneOf(true, false) },
  SGD: { momentum: oneOf(0, 0.9, 0.5), nesterov: oneOf(true, false) },
  ScheduleFreeAdamW: { ...betas, epsilon: oneOf(1e-8, 1e-3), warmup_steps: oneOf(0, 2) },
}

/** What every optimizer takes. At most one way of clipping: Keras refuses two. */
function common(random: Random): JsonObject {
  const clipping = random.pick<Options>([
    {},
    {},
    { 'clipnorm!': oneOf(0.5, 2) },
    { 'clipvalue!': oneOf(0.3, 1) },
    { 'global_clipnorm!': oneOf(0.5, 2) },
  ])
  const average: Options = random.chance(0.2)
    ? { 'use_ema!': oneOf(true), ema_momentum: oneOf(0.9, 0.5), ema_overwrite_frequency: oneOf(1, 2, 3) }
    : {}
  return {
    ...chosen(random, { learning_rate: rate, weight_decay: oneOf(0.01, 0.1) }, 0.5),
    ...chosen(random, clipping),
    ...chosen(random, average),
    ...chosen(random, { loss_scale_factor: oneOf(2, 8), gradient_accumulation_steps: oneOf(2, 3) }, 0.1),
  }
}

/** An optimizer with some of its options. */
export function optimizer(random: Random, names = Object.keys(table)): KerasObject {
  const class_name = random.pick(names)
  return { class_name, config: { ...chosen(random, table[class_name] as Options, 0.35), ...common(random) } }
}
