import { ArgumentError } from '../base/errors.ts'
import { anything, checked, needed, optionsOf, boolean as trueOrFalse } from '../base/options.ts'

/** A whole number from `min` to `max`, both included. */
export interface IntParameter {
  readonly type: 'int'
  readonly min: number
  readonly max: number
  readonly log: boolean
}

/** A number from `min` to `max`. */
export interface FloatParameter {
  readonly type: 'float'
  readonly min: number
  readonly max: number
  readonly log: boolean
}

/** One of several values. */
export interface ChoiceParameter<T extends ChoiceValue = ChoiceValue> {
  readonly type: 'choice'
  readonly values: readonly T[]
}

export type ChoiceValue = string | number | boolean | null
export type Parameter = IntParameter | FloatParameter | ChoiceParameter

/** What is searched: a parameter for each name. */
export type Space = Readonly<Record<string, Parameter>>

/** A point of a space: what `buildModel` is given. */
export type Values<S extends Space> = {
  readonly [K in keyof S]: S[K] extends ChoiceParameter<infer T> ? T : number
}

export interface RangeOptions {
  /** The least value. */
  readonly min: number
  /** The largest value, itself included. */
  readonly max: number
  /** Whether factors count rather than differences, as for a learning rate. Default false. */
  readonly log?: boolean
}

const rangeChecks = optionsOf<RangeOptions>()({
  min: needed(anything),
  max: needed(anything),
  log: trueOrFalse,
})

function checkRange(where: string, options: RangeOptions, isOk: (n: number) => boolean) {
  const { min, max, log = false } = checked(where, options, rangeChecks)
  if (isOk(min) && isOk(max) && min <= max && (!log || min > 0)) return { min, max, log }
  throw new ArgumentError({
    where,
    expected: `${where.endsWith('int') ? 'whole numbers' : 'numbers'} min ≤ max${log ? ' above 0, for log' : ''}`,
    received: `${min} and ${max}`,
  })
}

/**
 * A whole number.
 *
 * @throws ArgumentError for what is no range.
 * @example
 * space.int({ min: 16, max: 256, log: true })
 */
export const int = (range: RangeOptions): IntParameter => ({
  type: 'int',
  ...checkRange('space.int', range, Number.isSafeInteger),
})

/**
 * A number.
 *
 * @throws ArgumentError for what is no range.
 * @example
 * space.float({ min: 1e-4, max: 1e-1, log: true })
 */
export const float = (range: RangeOptions): FloatParameter => ({
  type: 'float',
  ...checkRange('space.float', range, Number.isFinite),
})

/**
 * One of several values, between which there is no order.
 *
 * @throws ArgumentError if there are none, or one twice.
 * @example
 * space.choice(['relu', 'tanh'])
 */
export function choice<const T extends ChoiceValue>(values: readonly T[]): ChoiceParameter<T> {
  if (values.length > 0 && new Set(values).size === values.length) return { type: 'choice', values }
  throw new ArgumentError({
    where: 'space.choice',
    expected: 'at least one value, and none twice',
    received: JSON.stringify(values),
  })
}

/** True or false. */
export const boolean = (): ChoiceParameter<boolean> => choice([false, true])

/** Where a parameter's continuous range begins and ends: a whole number has the half around it on both sides. */
function edges({ type, min, max, log }: IntParameter | FloatParameter): readonly [number, number] {
  const half = type === 'int' ? 0.5 : 0
  const [low, high] = [min - half, max + half]
  return log ? [Math.log(low), Math.log(high)] : [low, high]
}

/** A value's place between 0 and 1. */
export function toUnit(parameter: IntParameter | FloatParameter, value: number): number {
  const [low, high] = edges(parameter)
  return high === low ? 0.5 : ((parameter.log ? Math.log(value) : value) - low) / (high - low)
}

/** The value at a place between 0 and 1. */
export function fromUnit(parameter: IntParameter | FloatParameter, unit: number): number {
  const [low, high] = edges(parameter)
  const at = low + unit * (high - low)
  const value = parameter.log ? Math.exp(at) : at
  const { min, max } = parameter
  return Math.min(max, Math.max(min, parameter.type === 'int' ? Math.round(value) : value))
}

/** Uniform numbers from 0 to below 1. */
export type Uniform = () => number

/** A point of the space at random, each parameter by itself. */
export function sample(space: Space, uniform: Uniform): Values<Space> {
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter]) => {
      if (parameter.type !== 'choice') return [name, fromUnit(parameter, uniform())]
      return [name, parameter.values[Math.floor(uniform() * parameter.values.length)] as ChoiceValue]
    }),
  ) as Values<Space>
}
