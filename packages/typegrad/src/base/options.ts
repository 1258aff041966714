/**
 * Options as they come at run time. Types vanish when a program is compiled, and programs in plain JavaScript never
 * had them, so each options type has a table of its names, each with what its value has to be. The compiler holds the
 * table to the type: a name that is missing or too many, or a check that refuses what the type allows, does not compile.
 */

import { describe } from './describe.ts'
import { type DType, dtypes } from './dtype.ts'
import { ArgumentError } from './errors.ts'
import { nearestName } from './nearest-name.ts'
import { plainName } from './registry.ts'
import { areSaved } from './saved-options.ts'
import { isRecord } from './structured.ts'

/** What an option's value has to be. `V`: all that it accepts, so that it serves where the type says no more than that. */
export interface Check<in V> {
  /** As an error says it, after "Dense: units: expected ". */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
  /** What each of several is, where an array is accepted; absent where `accepts` says that too. */
  readonly items?: Check<never>
  /** That the option cannot be left out. */
  readonly needed?: boolean
  /** Only for the compiler. */
  readonly takes?: (value: V) => void
}

/** A check of an option that cannot be left out. */
export interface NeededCheck<in V> extends Check<V> {
  readonly needed: true
}

/** The names of an options type with the check of each. */
export type OptionChecks<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Check<Exclude<T[K], undefined>>
    : NeededCheck<Exclude<T[K], undefined>>
}

/**
 * The table of an options type, held to it by the compiler: exactly its names, inherited ones by spreading.
 *
 * The first names are those that an option's value without a name is most likely meant for.
 *
 * @example
 * const denseChecks = optionsOf<DenseOptions>()({ units: needed(number), activation: anything, ...layerChecks })
 */
export const optionsOf =
  <T>() =>
  <C extends OptionChecks<T>>(
    checks: C & { readonly [K in Exclude<keyof C, keyof T>]: never },
  ): OptionChecks<T> =>
    checks

/**
 * What options of earlier versions, of TensorFlow.js, Keras and PyTorch are called here; the first name that the
 * options at hand have.
 */
const otherNames: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    alpha: ['negativeSlope'],
    batchinputshape: ['inputShape'],
    bias: ['useBias'],
    decay: ['weightDecay'],
    dilation: ['dilationRate'],
    dilations: ['dilationRate'],
    eps: ['epsilon'],
    hiddensize: ['units'],
    inputdim: ['inputDim', 'inputShape'],
    inputlength: ['inputShape'],
    jobs: ['parallel'],
    lr: ['learningRate'],
    maxepochs: ['epochs'],
    nbepoch: ['epochs'],
    nepochs: ['epochs'],
    numepochs: ['epochs'],
    outfeatures: ['units'],
    outchannels: ['filters'],
    outputdim: ['outputDim', 'units'],
    p: ['rate'],
    shape: ['shape', 'inputShape'],
    size: ['poolSize', 'kernelSize', 'units'],
    stepsize: ['learningRate'],
    stride: ['strides'],
  }),
)

/** The option that a name which is none was meant for; undefined if none is near. */
function meant(name: string, known: readonly string[]): string | undefined {
  const plain = plainName(name)
  return (
    known.find((own) => plainName(own) === plain) ??
    otherNames.get(plain)?.find((other) => known.includes(other)) ??
    nearestName(name, known)
  )
}

/**
 * Refuses options that are no object, that have a name which the table lacks, or a value that its check refuses.
 *
 * @param where the function or class that takes them, as its user knows it.
 * @param options undefined stands for none.
 * @throws ArgumentError with the nearest name.
 */
export function checkOptions<T>(where: string, options: unknown, checks: OptionChecks<T>): void {
  const table = checks as Readonly<Record<string, Check<never>>>
  if (options !== undefined && !isOptions(options)) throw notOptions(where, options, table)
  const given = (options ?? {}) as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given)) {
    if (areSaved() || Object.hasOwn(table, name)) continue
    // A layer or a tensor in the place of options is not an object with a wrong name in it.
    throw isPlain(given) ? unknownOption(where, name, Object.keys(table)) : notOptions(where, options, table)
  }
  for (const [name, check] of Object.entries(table)) checkOption(where, name, given[name], check)
}

/** Refuses a value that an option's check refuses; undefined is a value that was left out. */
export function checkOption(where: string, name: string, value: unknown, check: Check<never>): void {
  if (value === undefined ? check.needed !== true : check.accepts(value)) return
  const fix = fixOf(name, value, check)
  throw new ArgumentError({
    where: `${where}: ${name}`,
    expected: check.expected,
    received: value === undefined ? 'none' : describe(value),
    ...(fix === undefined ? {} : { fix }),
  })
}

/** What to do about a value that is near to one that would do. */
function fixOf(name: string, value: unknown, check: Check<never>): string | undefined {
  if (isNumeral(value) && check.accepts(Number(value))) {
    return `Write it without quotation marks: ${name}: ${Number(value)}.`
  }
  const isItem = check.items?.accepts(value) ?? true
  if (value != null && !Array.isArray(value) && isItem && check.accepts([value])) {
    const shown = ['number', 'string', 'boolean'].includes(typeof value) ? JSON.stringify(value) : 'value'
    return `Put it into an array: ${name}: [${shown}].`
  }
  return undefined
}

/**
 * Refuses names that are those of the table in another spelling (`input_shape`). For what a class of the user's own
 * hands to the library's: other names may be the user's own.
 */
export function checkSpelling<T>(where: string, options: object, checks: OptionChecks<T>): void {
  const known = Object.keys(checks)
  for (const name of Object.keys(options)) {
    if (known.includes(name) || !known.some((own) => plainName(own) === plainName(name))) continue
    throw unknownOption(where, name, known)
  }
}

/** An object that may hold options. */
function isOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  // A date, a map, a promise: their fields are not to be seen.
  return isPlain(value) || (Object.keys(value).length > 0 && !ArrayBuffer.isView(value))
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function unknownOption(where: string, name: string, known: readonly string[]): ArgumentError {
  const near = meant(name, known)
  return new ArgumentError({
    where,
    expected: known.length === 0 ? 'no options' : `only options that it has: ${known.join(', ')}`,
    received: JSON.stringify(name),
    ...(near === undefined ? {} : { fix: `Did you mean ${near}?` }),
  })
}

function notOptions(
  where: string,
  value: unknown,
  table: Readonly<Record<string, Check<never>>>,
): ArgumentError {
  const names = Object.keys(table)
  // What accepts everything says nothing about what was meant.
  const meantFor =
    names.find((name) => !isAnything(table[name]) && table[name]?.accepts(value)) ??
    names.slice(0, 1).find((name) => isAnything(table[name]))
  const shown = names.filter((name) => name === (meantFor ?? names[0]) || table[name]?.needed === true)
  const isSimple = ['string', 'number', 'boolean'].includes(typeof value)
  const sample = shown.map(
    (name) => `${name}: ${name === meantFor && isSimple ? JSON.stringify(value) : '…'}`,
  )
  return new ArgumentError({
    where,
    expected: names.length === 0 ? 'no options' : `an object of options: ${names.join(', ')}`,
    received: describe(value),
    ...(names.length === 0 ? {} : { fix: `Options have names: { ${sample.join(', ')} }.` }),
  })
}

const isAnything = (check: Check<never> | undefined): boolean => check?.accepts === anything.accepts

const isNumeral = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))

const check = <V>(expected: string, accepts: (value: unknown) => boolean): Check<V> => ({
  expected,
  accepts,
})

/** For what the function or class itself checks, because it is more than one kind of thing. */
export const anything: Check<unknown> = check('anything', () => true)
export const boolean: Check<boolean> = check('true or false', (value) => typeof value === 'boolean')
export const string: Check<string> = check('a string', (value) => typeof value === 'string')
/** Infinity is a number, NaN is none. */
export const number: Check<number> = check(
  'a number',
  (value) => typeof value === 'number' && !Number.isNaN(value),
)
/** A number or NaN, for what has its own range, which says more. */
export const numeric: Check<number> = check('a number', (value) => typeof value === 'number')
export const finite: Check<number> = check('a finite number', Number.isFinite)
export const positive: Check<number> = check(
  'a finite number above 0',
  (value) => Number.isFinite(value) && (value as number) > 0,
)
export const notNegative: Check<number> = check(
  'a finite number of at least 0',
  (value) => Number.isFinite(value) && (value as number) >= 0,
)
/** A part of a whole, 0 and 1 included. */
export const share: Check<number> = check(
  'a number from 0 to 1',
  (value) => typeof value === 'number' && value >= 0 && value <= 1,
)
export const integer: Check<number> = check('a whole number', Number.isInteger)
export const wholeFrom = (least: number): Check<number> =>
  check(
    least === 1 ? 'a positive whole number' : `a whole number of at least ${least}`,
    (value) => Number.isInteger(value) && (value as number) >= least,
  )
/** How many of something: 1 and more. */
export const count: Check<number> = wholeFrom(1)
// biome-ignore lint/complexity/noBannedTypes: any function will do
export const func: Check<Function> = check('a function', (value) => typeof value === 'function')
export const list: Check<readonly unknown[]> = check('an array', Array.isArray)

const isNamed = (value: unknown): boolean =>
  ['string', 'function', 'object'].includes(typeof value) && value !== null
const name = check<string | object>('a name, a function or an object', isNamed)
/** Not a number, true or false: what names, functions and objects stand for is looked up later. */
export const named: Check<string | object> = { ...name, items: name }

/** Several things, in an array or by their names; null for one that is left out. */
export const severalOf = (what: string, items: Check<never>): Check<object> => ({
  ...check<object>(
    `an array of ${what}, or an object of them by name`,
    (value) =>
      (Array.isArray(value) || isRecord(value)) &&
      Object.values(value).every((item) => item == null || items.accepts(item)),
  ),
  items,
})

/** One of some values: `oneOf('valid', 'same')`. */
export const oneOf = <const V extends string | number | boolean>(...values: readonly V[]): Check<V> =>
  check(
    values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' or '),
    (value) => values.includes(value as V),
  )

/** The same, or null. */
export const orNull = <V>({ expected, accepts }: Check<V>): Check<V | null> =>
  check(`${expected}, or null`, (value) => value === null || accepts(value))

/** One or the other. */
export const either = <A, B>(a: Check<A>, b: Check<B>): Check<A | B> =>
  check(`${a.expected} or ${b.expected}`, (value) => a.accepts(value) || b.accepts(value))

/** What ends work early. */
export const abortSignal: Check<AbortSignal> = check(
  'an AbortSignal',
  (value) => typeof value === 'object' && value !== null && 'aborted' in value,
)
/** Where a file or folder is. */
export const path: Check<string> = check(
  "a path, such as 'runs/model'",
  (value) => typeof value === 'string' && value !== '',
)

/** The same, for an option that cannot be left out. */
export const needed = <V>(inner: Check<V>): NeededCheck<V> => ({ ...inner, needed: true })

/** A table without some of its names, as `Omit` does for types. */
export function without<T, K extends keyof T>(
  checks: OptionChecks<T>,
  ...names: readonly K[]
): OptionChecks<Omit<T, K>> {
  const left = Object.entries(checks).filter(([name]) => !names.includes(name as K))
  return Object.fromEntries(left) as unknown as OptionChecks<Omit<T, K>>
}

/** For what is made without options. */
export const noOptions = optionsOf<Record<never, never>>()({})

/** Options that have been checked, to be taken apart: `const { min, max } = checked('clip', options, clipChecks)`. */
export function checked<O extends C, C>(where: string, options: O, checks: OptionChecks<C>): O {
  checkOptions(where, options, checks)
  return options
}

export const dtypeName: Check<DType> = oneOf(...dtypes)

/** @throws ArgumentError for what is no path. */
export const checkPath = (where: string, value: unknown): void =>
  checkOption(where, 'path', value, needed(path))
