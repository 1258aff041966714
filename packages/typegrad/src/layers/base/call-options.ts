import { ArgumentError } from '../../base/errors.ts'
import { nearestName } from '../../base/nearest-name.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { AnyLayer } from './layer.ts'
import { SymbolicTensor } from './symbolic.ts'

/**
 * What a call of a layer is told beside its inputs. It belongs to the call: the same layer called again is told
 * something else, and a saved model keeps what each of its calls was told.
 */
export interface CallOptions {
  /** Whether the layer trains, whatever the model around it does. Default: as the model, and false outside of one. */
  readonly training?: boolean | undefined
  /**
   * Which steps of the (first) input count: booleans (batch, time); or a list, one for each input, null for one without.
   * Default: the masks that the inputs have; null: the layer's call is told of none, whatever the inputs have.
   */
  readonly mask?:
    | Tensor
    | SymbolicTensor
    | readonly (Tensor | SymbolicTensor | null | undefined)[]
    | null
    | undefined
  /** What layers beyond that take; see `callOptions` of each. Tensors may stand in arrays and objects here. */
  readonly [option: string]: unknown
}

/** What all layers take. */
const common = ['training', 'mask']

/** The options with each leaf (what is neither an array nor a plain object) replaced. */
export function mapLeaves(value: unknown, replace: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, replace))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return replace(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapLeaves(item, replace)]))
}

/** Symbolic tensors among the options, each once for each place where it stands. */
export function symbolicsIn(options: CallOptions): SymbolicTensor[] {
  const found: SymbolicTensor[] = []
  mapLeaves(options, (leaf) => {
    if (leaf instanceof SymbolicTensor) found.push(leaf)
  })
  return found
}

/** The options that were given, without those that are undefined or null; no mask is something else than none given. */
export const givenOptions = (options: CallOptions): CallOptions =>
  Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => value !== undefined && (value !== null || name === 'mask'),
    ),
  )

/** @throws ArgumentError for an option that the layer's call does not take, with the nearest one that it does. */
export function checkCallOptions(layer: AnyLayer, options: CallOptions): void {
  const { callOptions } = layer
  if (callOptions === 'any') return
  const known = [...common, ...callOptions]
  const odd = Object.keys(options).find((name) => options[name] !== undefined && !known.includes(name))
  if (odd === undefined) return
  const near = nearestName(odd, known)
  throw new ArgumentError({
    where: `${layer.className} '${layer.name}'`,
    expected: `a call with no options but ${known.join(', ')}`,
    received: `'${odd}'`,
    fix:
      near === undefined
        ? `A layer of your own says what its call takes: override get callOptions() { return ['${odd}'] }.`
        : `Did you mean '${near}'?`,
  })
}
