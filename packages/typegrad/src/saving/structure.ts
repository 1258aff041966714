import { contents } from '../layers/base/fields.ts'
import { Layer } from '../layers/base/layer.ts'
import { snakeCaseName } from '../layers/base/naming.ts'
import { InputLayer } from '../layers/core/input.ts'
import type { AnyModel } from '../models/model.ts'
import type { Variable } from '../tensor/variable.ts'

/** A layer at its place in a model. */
export interface PlacedLayer {
  readonly layer: Layer
  /** The way to it, as Keras writes it: attributes in snake case, and in lists the class with a number. '' for the model. */
  readonly path: string
  /** The layer in whose fields it was found; undefined for the model itself. */
  readonly parent: Layer | undefined
}

/** Classes that have another name in Keras's code than in its configurations. */
const pythonNames: Readonly<Record<string, string>> = { GroupQueryAttention: 'GroupedQueryAttention' }

/**
 * All layers of a model by structure, in the order in which Keras walks through them: names of layers play no part,
 * for those that the library makes up count through the process and differ when the model is made again. A layer
 * that is met twice stands where it was met first.
 *
 * `layers/dense_1` is a sequence's second dense layer, `layers/block/inner` the field `inner` of its first `Block`.
 */
export function placedLayers(model: AnyModel): readonly PlacedLayer[] {
  const placed = new Map<Layer, PlacedLayer>()
  const visit = (layer: Layer, path: string, parent: Layer | undefined): void => {
    if (placed.has(layer)) return
    placed.set(layer, { layer, path, parent })
    const known = new Set(layer.sublayers)
    for (const [attribute, value] of fieldsOf(layer)) {
      const at = join(path, attribute)
      if (isLayer(value)) {
        if (known.has(value)) visit(value, at, layer)
      } else container(value, at, layer, known, new Set())
    }
    // What a class lists beside its fields.
    container(
      layer.sublayers.filter((one) => !placed.has(one) && !(one instanceof InputLayer)),
      join(path, 'sublayers'),
      layer,
      known,
      new Set(),
    )
  }
  const container = (
    value: unknown,
    path: string,
    parent: Layer,
    known: ReadonlySet<Layer>,
    within: Set<unknown>,
  ): void => {
    const items = typeof value === 'object' && value !== null ? contents(value) : undefined
    if (items === undefined || within.has(value)) return
    within.add(value)
    const used = new Map<string, number>()
    const place = (base: string): string => {
      const count = used.get(base) ?? 0
      used.set(base, count + 1)
      return join(path, count === 0 ? base : `${base}_${count}`)
    }
    for (const item of items) {
      if (isLayer(item)) {
        if (known.has(item))
          visit(item, place(snakeCaseName(pythonNames[item.className] ?? item.className)), parent)
      } else if (typeof item === 'object' && item !== null && contents(item) !== undefined)
        container(item, place('container'), parent, known, within)
    }
  }
  visit(model as unknown as Layer, '', undefined)
  return [...placed.values()]
}

/** The layer that each weight belongs to: the inner one, where a layer around has it in a field of its own, too. */
export function weightOwners(placed: readonly PlacedLayer[]): ReadonlyMap<Variable, Layer> {
  const owners = new Map<Variable, Layer>()
  for (const { layer } of placed) for (const weight of layer.ownWeights) owners.set(weight, layer)
  return owners
}

export const join = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`)

const isLayer = (value: unknown): value is Layer => value instanceof Layer

const attributeName = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Fields by their names in Python, in alphabetical order with private ones last; layers of a model before them. */
function fieldsOf(layer: Layer): readonly (readonly [string, unknown])[] {
  const fields = Object.entries(layer)
    .map(([field, value]) => [attributeName(field), value] as const)
    .sort(([a], [b]) => (sortKey(a) < sortKey(b) ? -1 : 1))
  return layer.listedLayers.length === 0 ? fields : [['layers', layer.listedLayers], ...fields]
}

const sortKey = (name: string): string => (name.startsWith('_') ? `~${name}` : name)
