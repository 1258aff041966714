import { FormatError } from '../base/errors.ts'
import type { Layer } from '../layers/base/layer.ts'
import { RecurrentCell } from '../layers/recurrent/recurrent-cell.ts'
import { StackedRNNCells } from '../layers/recurrent/stacked-rnn-cells.ts'
import type { AnyModel } from '../models/model.ts'
import type { Variable } from '../tensor/variable.ts'

/** A weight, and what it may be called by the layers around it, the outermost first. */
interface Place {
  readonly variable: Variable
  readonly path: readonly ((segment: string) => boolean)[]
  readonly names: readonly string[]
}

/**
 * Which weight each name means. TensorFlow.js and Keras 2 name a weight by layers around it, but not by all of them:
 * a model inside of another one, the layer in a wrapper and a cell may be left out, and cells have numbers of their
 * own. A name means the weight that is below all layers that it names, with the fewest others around it.
 *
 * @throws FormatError for names that mean no weight, or more than one, and for weights that no name means.
 */
export function tfjsPlaces(
  model: AnyModel,
  names: readonly string[],
  file: string,
): (readonly [string, Variable])[] {
  const places = placesOf(model)
  const meant = new Map<Variable, string>()
  const surplus: string[] = []
  for (const name of names) {
    const variable = meaning(name, places, file)
    if (variable === undefined || meant.has(variable)) surplus.push(name)
    else meant.set(variable, name)
  }
  const missing = places.filter(({ variable }) => !meant.has(variable)).map(({ variable }) => variable.name)
  if (surplus.length > 0 || missing.length > 0)
    throw new FormatError({
      where: `${file}: weightsManifest`,
      expected: `the ${places.length} weights of the model`,
      received: [
        ...(missing.length > 0 ? [`nothing for ${listed(missing)}`] : []),
        ...(surplus.length > 0 ? [`besides ${listed(surplus)}`] : []),
      ].join(', and '),
      fix: 'Topology and weights are of two models.',
    })
  return [...meant].map(([variable, name]) => [name, variable])
}

const listed = (names: readonly string[]): string =>
  `${names
    .slice(0, 5)
    .map((name) => `'${name}'`)
    .join(', ')}${names.length > 5 ? ', …' : ''}`

function placesOf(model: AnyModel): Place[] {
  const places: Place[] = []
  const visited = new Set<Layer>()
  const visit = (layer: Layer, path: Place['path']): void => {
    if (visited.has(layer)) return
    visited.add(layer)
    for (const variable of layer.ownWeights) {
      const segments = variable.name.slice(layer.name.length + 1).split('/')
      const last = snakeCase(segments.at(-1) as string)
      const names =
        /^DepthwiseConv/.test(layer.className) && last === 'kernel' ? [last, 'depthwise_kernel'] : [last]
      const inner = segments.slice(0, -1).map((part) => (segment: string) => segment === part)
      places.push({ variable, path: [...path, ...inner], names })
    }
    layer.sublayers.forEach((child, i) => {
      visit(child, [...path, accepting(child, layer, i)])
    })
  }
  visit(model as unknown as Layer, [])
  return places
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** What a layer is called in names of weights. */
function accepting(layer: Layer, parent: Layer, index: number): (segment: string) => boolean {
  if (!((layer as unknown) instanceof RecurrentCell)) return (segment) => segment === layer.name
  const inStack = (parent as unknown) instanceof StackedRNNCells
  if (inStack) return (segment) => segment === layer.name || segment === `RNNCell_${index}`
  return (segment) => segment === layer.name || /(^|_)cells?(_\d+)?$/.test(segment)
}

function meaning(name: string, places: readonly Place[], file: string): Variable | undefined {
  const segments = name.replace(/:0$/, '').split('/')
  const last = segments.pop() as string
  // Names of scopes that are no layers mean nothing.
  const known = segments.filter((segment) =>
    places.some(({ path }) => path.some((accepts) => accepts(segment))),
  )
  if (known.length === 0) return undefined
  let best: Place[] = []
  for (const place of places) {
    if (!place.names.includes(last) || !isBelow(place.path, known)) continue
    const difference = best[0] === undefined ? -1 : place.path.length - best[0].path.length
    if (difference < 0) best = [place]
    else if (difference === 0) best.push(place)
  }
  if (best.length > 1)
    throw new FormatError({
      where: `${file}: '${name}'`,
      expected: 'the name of one weight',
      received: `that of ${best.length}: two layers have the same name`,
    })
  return best[0]?.variable
}

/** Whether all of these segments are on the path, in their order. */
function isBelow(path: Place['path'], segments: readonly string[]): boolean {
  let at = 0
  for (const accepts of path) if (at < segments.length && accepts(segments[at] as string)) at += 1
  return at === segments.length
}
