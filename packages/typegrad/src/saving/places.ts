import type { AnyModel } from '../models/model.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Variable } from '../tensor/variable.ts'
import { join, placedLayers, weightOwners } from './structure.ts'

/** Variables by the names that they have in a file. */
export type Places = ReadonlyMap<string, Variable>

/** Collects variables under names of which each is given once, and each variable under one name. */
class Collected {
  readonly places = new Map<string, Variable>()
  readonly #known = new Set<Variable>()

  add(path: string, variable: Variable): void {
    if (this.#known.has(variable)) return
    this.#known.add(variable)
    let free = path
    for (let i = 1; this.places.has(free); i++) free = `${path}#${i}`
    this.places.set(free, variable)
  }
}

/** `dense_1/kernel` of the layer `dense_1` is its `kernel`. */
const ownName = (name: string, layer: string): string =>
  name.startsWith(`${layer}/`) ? name.slice(layer.length + 1) : name

/**
 * A model's weights by structure: the way to the layer and the weight's own name, as `layers/dense_1/kernel`. It holds
 * in any model of this structure, whatever its layers are called.
 */
export function weightPlaces(model: AnyModel): Places {
  const collected = new Collected()
  const placed = placedLayers(model)
  const owners = weightOwners(placed)
  for (const { layer, path } of placed)
    for (const weight of layer.ownWeights)
      if (owners.get(weight) === layer) collected.add(join(path, ownName(weight.name, layer.name)), weight)
  for (const weight of model.weights) collected.add(join('weights', weight.name), weight)
  return collected.places
}

/**
 * Variables that a training changes beside the weights, by structure: the optimizers' slots by slot and weight, states
 * of recurrent layers by layer, and the random state.
 *
 * @param optimizer in the place of the model's own; undefined for a model that is not compiled.
 */
export function trainingPlaces(model: AnyModel, optimizer = compiledOptimizer(model)): Places {
  const collected = new Collected()
  const weights = weightPlaces(model)
  if (optimizer !== undefined) addOptimizer(collected, 'optimizer', optimizer, weights)
  for (const [i, optimizer] of model.ownOptimizers.entries())
    addOptimizer(collected, `optimizers/${i}`, optimizer, weights)
  // The innermost layer that has a state is the one whose it is.
  for (const { layer, path } of [...placedLayers(model)].reverse())
    for (const [i, state] of layer.states.entries()) collected.add(`states/${join(path, String(i))}`, state)
  collected.add('random', model.seedGenerator.state)
  return collected.places
}

const compiledOptimizer = (model: AnyModel): Optimizer | undefined =>
  model.isCompiled ? model.optimizer : undefined

function addOptimizer(collected: Collected, at: string, optimizer: Optimizer, weights: Places): void {
  const { variables } = optimizer
  const slots = new Map<Variable, string>()
  for (const [path, weight] of weights)
    for (const [slot, variable] of Object.entries(optimizer.findSlots(weight) ?? {}))
      slots.set(variable, `${at}/${slot}/${path}`)
  // Steps made, learning rates, and slots of weights that are none of the model's.
  for (const variable of variables) collected.add(slots.get(variable) ?? `${at}/${variable.name}`, variable)
}

/** The weights whose slots are among the names of a file, as {@link trainingPlaces} names those of the model's optimizer. */
export function slotWeights(names: Iterable<string>, weights: Places): readonly Variable[] {
  const named = new Set([...names].map((name) => /^optimizer\/[^/]+\/(.+)$/.exec(name)?.[1]))
  return [...weights].flatMap(([path, weight]) => (named.has(path) ? [weight] : []))
}
