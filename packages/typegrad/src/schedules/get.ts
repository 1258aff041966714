import { make } from '../base/registry.ts'
import { isSerialized, type SerializedObject } from '../base/serialization.ts'
import { cosineDecay } from './cosine-decay.ts'
import { cosineDecayRestarts } from './cosine-decay-restarts.ts'
import { exponentialDecay } from './exponential-decay.ts'
import { inverseSquareRootDecay } from './inverse-square-root-decay.ts'
import { inverseTimeDecay } from './inverse-time-decay.ts'
import { oneCycle } from './one-cycle.ts'
import { piecewiseConstantDecay } from './piecewise-constant-decay.ts'
import { polynomialDecay } from './polynomial-decay.ts'
import { LearningRateSchedule } from './schedule.ts'
import { stableDecay } from './stable-decay.ts'
import { type WarmupOptions, warmup } from './warmup.ts'

/** As `getConfig` writes it: the schedule behind the warm-up as what makes it again. */
type SavedWarmup = Omit<WarmupOptions, 'schedule'> & {
  readonly schedule: WarmupOptions['schedule'] | SerializedObject
}

const table = {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseSquareRootDecay,
  inverseTimeDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  stableDecay,
  warmup: ({ schedule, ...options }: SavedWarmup) =>
    warmup({ ...options, schedule: isSerialized(schedule) ? getSchedule(schedule) : schedule }),
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
