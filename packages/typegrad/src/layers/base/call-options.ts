import { ArgumentError } from '../../base/errors.ts'
import { nearestName } from '../../base/nearest-name.ts'
import { type CallOptions, SymbolicTensor } from './symbolic.ts'

export type { CallOptions } from './symbolic.ts'

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

/** A layer that says which options its calls take. */
interface Callable {
  readonly className: string
  readonly name: string
  readonly callOptions: readonly string[] | 'any'
}

/** @throws ArgumentError for an option that the layer's call does not take, with the nearest one that it does. */
export function checkCallOptions(layer: Callable, options: CallOptions): void {
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
