import type { SafetensorsFile } from 'typegrad'
import { FormatError, formatShape, isFloating, nearestName, type Shape, sameShape } from 'typegrad/core'
import { fitsAny } from '../base/wildcard.ts'
import type { CheckpointNames } from '../models/architecture.ts'
import { type NamedWeight, todaysName } from './names.ts'

/** What becomes of a checkpoint's tensors, in the names of the checkpoint. */
export interface CheckpointPlan {
  /** The weight of each tensor that is used. */
  readonly weights: ReadonlyMap<string, NamedWeight>
  /** Weights that the checkpoint has no tensor for and has to have one for. */
  readonly missing: readonly string[]
  /** Tensors that are of no weight. */
  readonly unexpected: readonly string[]
  /** Tensors of another shape or kind of number, in words. */
  readonly mismatched: readonly string[]
  /** Weights that several tensors are for, in words. */
  readonly twice: readonly string[]
}

/**
 * Finds the weight of each tensor. A checkpoint of the body alone, or of a body with another head, has the body's weights
 * under names without or with the body's own.
 *
 * @param network the class of the network whose weights they are.
 */
export function planOf(
  file: SafetensorsFile,
  weights: readonly NamedWeight[],
  { prefix, ignored = [], ignoredBy = {}, optional = [], tied = {} }: CheckpointNames,
  network: string,
): CheckpointPlan {
  const leftOut = [...ignored, ...(ignoredBy[network] ?? [])]
  const known = new Map(weights.map((weight) => [weight.name, weight]))
  const begin = `${prefix}.`
  const find = (given: string): NamedWeight | undefined => {
    const name = todaysName(given)
    return (
      known.get(name) ??
      known.get(`${begin}${name}`) ??
      (name.startsWith(begin) ? known.get(name.slice(begin.length)) : undefined)
    )
  }
  const found = new Map<string, NamedWeight>()
  const tensorOf = new Map<NamedWeight, string>()
  const unexpected: string[] = []
  const mismatched: string[] = []
  const twice: string[] = []
  const second: string[] = []
  const take = (name: string, weight: NamedWeight) => {
    const first = tensorOf.get(weight)
    if (first !== undefined) return void twice.push(`'${first}' and '${name}'`)
    tensorOf.set(weight, name)
    const misfit = misfitOf(file, name, weight)
    if (misfit === undefined) found.set(name, weight)
    else mismatched.push(misfit)
  }
  for (const name of file.tensors.keys()) {
    const weight = find(name)
    if (weight !== undefined) take(name, weight)
    else if (Object.hasOwn(tied, name)) second.push(name)
    else if (!fitsAny(leftOut, name)) unexpected.push(name)
  }
  // A second name counts where the first one is missing.
  for (const name of second) {
    const weight = find(tied[name] as string)
    if (weight !== undefined && !tensorOf.has(weight)) take(name, weight)
  }
  const missing = weights
    .filter((weight) => !tensorOf.has(weight) && !fitsAny(optional, weight.name))
    .map(({ name }) => name)
  return {
    weights: found,
    missing,
    unexpected,
    mismatched,
    twice,
  }
}

/** The shape that a checkpoint has a weight in. */
export function storedShape({ weight, axes }: NamedWeight): Shape {
  if (axes === undefined) return weight.shape
  const { shape } = weight
  return axes.map((_, i) => shape[axes.indexOf(i)] as number)
}

function misfitOf(file: SafetensorsFile, name: string, named: NamedWeight): string | undefined {
  const info = file.tensors.get(name)
  if (info === undefined) return undefined
  const shape = storedShape(named)
  const isSameKind =
    info.dtype === named.weight.dtype || (isFloating(info.dtype) && isFloating(named.weight.dtype))
  if (isSameKind && sameShape(info.shape, shape)) return undefined
  const received = `${info.stored} ${formatShape(info.shape)}`
  return `'${name}' ${received}, expected ${named.weight.dtype} ${formatShape(shape)}`
}

/** As many names as a reader looks at. */
const most = 12

function listed(items: readonly string[]): string {
  const rest = items.length - most
  return `${items.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

const quoted = (name: string): string => `'${name}'`

/**
 * The error that says all that does not fit.
 *
 * @returns undefined where all fits, or, unless `strict`, where what is there does; other shapes count unless they are ignored.
 */
export function misfits(
  file: SafetensorsFile,
  plan: CheckpointPlan,
  count: number,
  {
    strict,
    ignoreMismatched,
    network,
  }: { readonly strict: boolean; readonly ignoreMismatched: boolean; readonly network: string },
): FormatError | undefined {
  const { missing, unexpected, mismatched, twice } = plan
  const parts = [
    ...(strict && missing.length > 0 ? [`nothing for ${listed(missing.map(quoted))}`] : []),
    ...(strict && unexpected.length > 0 ? [`besides ${listed(unexpected.map(quoted))}`] : []),
    ...(!ignoreMismatched && mismatched.length > 0
      ? [`of another shape or dtype ${listed(mismatched)}`]
      : []),
    ...(twice.length > 0 ? [`more than one tensor for a weight, ${listed(twice)}`] : []),
  ]
  if (parts.length === 0) return undefined
  return new FormatError({
    where: file.name,
    expected: `tensors for all ${count} weights of ${network}`,
    received: `${plan.weights.size} that fit; ${parts.join('; ')}`,
    fix: fixOf(ignoreMismatched ? { ...plan, mismatched: [] } : plan, strict),
  })
}

function fixOf({ weights, missing, unexpected, mismatched, twice }: CheckpointPlan, strict: boolean): string {
  if (mismatched.length > 0) {
    return weights.size > mismatched.length
      ? 'Nothing has been loaded. ignoreMismatched: true lets these weights begin anew, such as a head for other classes.'
      : 'The checkpoint and config.json are not of the same model.'
  }
  if (twice.length > 0 || !strict) return 'Save it again with one name for each weight.'
  const [first] = missing
  const near = first === undefined ? undefined : nearestName(first, unexpected)
  if (near !== undefined) return `Is '${near}' meant for '${first}'? Nothing has been loaded.`
  if (unexpected.length === 0 || missing.length > 0)
    return 'Nothing has been loaded. strict: false leaves weights that are missing, such as a new head, at their beginning.'
  return 'Nothing has been loaded. strict: false leaves out what the network does not have; className chooses another network.'
}
