import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { cosineDecay } from './cosine-decay.ts'
import { cosineDecayRestarts } from './cosine-decay-restarts.ts'
import { exponentialDecay } from './exponential-decay.ts'
import { inverseTimeDecay } from './inverse-time-decay.ts'
import { oneCycle } from './one-cycle.ts'
import { piecewiseConstantDecay } from './piecewise-constant-decay.ts'
import { polynomialDecay } from './polynomial-decay.ts'
import { LearningRateSchedule } from './schedule.ts'

const table = {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
}

/**
 * The schedule that a saved configuration stands for; a schedule stands for itself.
 *
 * @throws UnknownNameError with the nearest known name.
 */
export const getSchedule = (identifier: LearningRateSchedule | SerializedObject): LearningRateSchedule =>
  identifier instanceof LearningRateSchedule
    ? identifier
    : make<LearningRateSchedule>('schedule', identifier, table)
