import { ArgumentError } from '../../base/errors.ts'
import { glob } from '../../base/glob.ts'
import { nearestName } from '../../base/nearest-name.ts'
import type { Variable } from '../../tensor/variable.ts'
import { snakeCaseName } from './naming.ts'

/**
 * Says which weights of a layer or model are meant, by their paths ({@link weightPlaces}): a pattern in which `*` is any
 * part of a segment, `**` any number of segments and `{a,b}` one of several; several patterns; or a function.
 *
 * @example
 * 'encoder/{3,4}/**'
 * (path, weight) => weight.shape.length === 2
 */
export type WeightFilter = string | readonly string[] | ((path: string, weight: Variable) => boolean)

/** What paths are made of: a layer, whose layers within are of type L. */
export interface LayerTree<L> {
  readonly className: string
  readonly name: string
  readonly weights: readonly Variable[]
  readonly ownWeights: readonly Variable[]
  readonly sublayers: readonly L[]
  readonly listedLayers: readonly L[]
  /**
   * That its own weights have names of their own, such as those of a file: paths take them as they are, and have no segment
   * for the layer. Default false.
   */
  readonly namesWeightsItself?: boolean
}

/** A weight at its place in a layer or model. */
export interface PlacedWeight<L> {
  /** The way to it, such as `encoder/3/attention/query/kernel`. */
  readonly path: string
  readonly weight: Variable
  /** The layers that it stands in, from the outermost to the one whose it is. */
  readonly layers: readonly L[]
}

/**
 * All weights of a layer or model with their paths, each once, at its first place.
 *
 * A path leads from layer to layer: in a functional or sequential model by the layer's name, elsewhere by the field,
 * in snake case, and by the number or key in a list or object of the field; at its end stands the weight's own name, in
 * snake case too.
 * A name that was made up (`dense_7`) counts through the process: in its place the path has the class with a number
 * among its like in the model (`dense`, `dense_1`), so that a model that is made again or loaded has the same paths.
 */
export function weightPlaces<L extends LayerTree<L>>(root: L): readonly PlacedWeight<L>[] {
  const placed: PlacedWeight<L>[] = []
  const visited = new Set<L>()
  const known = new Set<Variable>()
  const taken = new Set<string>()
  const isWeighted = weightedLayers<L>()

  const visit = (layer: L, path: string, around: readonly L[]): void => {
    if (visited.has(layer)) return
    visited.add(layer)
    const layers = [...around, layer]
    for (const [segment, child] of childrenOf(layer, isWeighted))
      visit(child, child.namesWeightsItself === true ? path : join(path, segment), layers)
    // After those within: a weight that a layer around has in a field of its own, too, is the inner one's.
    for (const weight of layer.ownWeights) {
      if (known.has(weight)) continue
      known.add(weight)
      const own =
        layer.namesWeightsItself === true ? weight.name : snakeField(ownName(weight.name, layer.name))
      const wanted = join(path, own)
      let free = wanted
      for (let i = 1; taken.has(free); i++) free = `${wanted}_${i}`
      taken.add(free)
      placed.push({ path: free, weight, layers })
    }
  }
  visit(root, '', [])
  // In the order of the weights, which is known from elsewhere.
  const order = new Map(root.weights.map((weight, i) => [weight, i]))
  return placed.sort((a, b) => (order.get(a.weight) ?? 0) - (order.get(b.weight) ?? 0))
}

/**
 * Those of the weights that a filter means.
 *
 * @throws ArgumentError for a pattern that fits no weight.
 */
export function placesWhere<L extends LayerTree<L>>(
  where: string,
  root: L,
  filter: WeightFilter,
): readonly PlacedWeight<L>[] {
  const places = weightPlaces(root)
  if (typeof filter === 'function') return places.filter(({ path, weight }) => filter(path, weight))
  const patterns = typeof filter === 'string' ? [filter] : filter
  const fits = patterns.map(glob)
  for (const [i, fit] of fits.entries()) {
    if (places.some(({ path }) => fit(path))) continue
    const near = nearestName(
      patterns[i] as string,
      places.map(({ path }) => path),
    )
    throw new ArgumentError({
      where,
      expected: `a pattern that fits a weight of '${root.name}'`,
      received: `'${patterns[i]}', which fits none of ${places.length}`,
      fix: near === undefined ? 'Their paths are the keys of weightPaths.' : `Did you mean '${near}'?`,
    })
  }
  return places.filter(({ path }) => fits.some((fit) => fit(path)))
}

/**
 * Which layers have weights, their own or within. `weights` would say so too, at the cost of a walk through all that is
 * within, and from each level of a deep model anew.
 */
function weightedLayers<L extends LayerTree<L>>(): (layer: L) => boolean {
  const known = new Map<L, boolean>()
  const isWeighted = (layer: L): boolean => {
    const before = known.get(layer)
    if (before !== undefined) return before
    // A layer that is within itself has no more for that.
    known.set(layer, false)
    const found = layer.ownWeights.length > 0 || layer.sublayers.some(isWeighted)
    known.set(layer, found)
    return found
  }
  return isWeighted
}

/** Layers directly within, with the segment of each, in the order in which the model or the class has them. */
function childrenOf<L extends LayerTree<L>>(
  layer: L,
  isWeighted: (layer: L) => boolean,
): readonly (readonly [string, L])[] {
  const children = new Map<L, string>()
  const segments = new Set<string>()
  const add = (child: L, segment: string): void => {
    if (children.has(child)) return
    let free = segment
    for (let i = 1; segments.has(free); i++) free = `${segment}_${i}`
    segments.add(free)
    children.set(child, free)
  }
  // What has no weights has no paths; its name need not be made up for it.
  const listed = layer.listedLayers.filter(isWeighted)
  for (const child of listed) add(child, givenName(child) ?? snakeCaseName(child.className))
  const within = new Set<unknown>(layer.sublayers)
  const open = (value: unknown, segment: string, opened: ReadonlySet<unknown>): void => {
    if (typeof value !== 'object' || value === null || opened.has(value)) return
    if (within.has(value)) add(value as L, segment)
    else for (const [key, item] of entries(value)) open(item, join(segment, key), new Set([...opened, value]))
  }
  for (const [field, value] of Object.entries(layer)) open(value, snakeField(field), new Set())
  for (const child of layer.sublayers) {
    if (!children.has(child) && isWeighted(child))
      add(child, givenName(child) ?? snakeCaseName(child.className))
  }
  return [...children].map(([child, segment]) => [segment, child])
}

/** What a field's array, Map, Set or plain object holds, by number or key; nothing of what is none. */
function entries(value: object): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item, i) => [String(i), item])
  if (value instanceof Map)
    return [...value].map(([key, item], i) => [typeof key === 'string' ? key : String(i), item])
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : []
}

/** The layer's name, if it is not one that the library makes up. */
function givenName(layer: { readonly className: string; readonly name: string }): string | undefined {
  const madeUp = snakeCaseName(layer.className)
  const { name } = layer
  const isMadeUp =
    name === madeUp || (name.startsWith(`${madeUp}_`) && /^\d+$/.test(name.slice(madeUp.length + 1)))
  return isMadeUp ? undefined : name
}

const snakeField = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const join = (path: string, segment: string): string => (path === '' ? segment : `${path}/${segment}`)

/** `dense_1/kernel` of the layer `dense_1` is its `kernel`. */
const ownName = (name: string, layer: string): string =>
  name.startsWith(`${layer}/`) ? name.slice(layer.length + 1) : name
