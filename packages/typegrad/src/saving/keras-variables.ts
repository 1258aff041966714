import type { Layer } from '../layers/base/layer.ts'
import { snakeCaseName } from '../layers/base/naming.ts'
import { RecurrentCell } from '../layers/recurrent/recurrent-cell.ts'
import type { AnyModel } from '../models/model.ts'
import { LossScaleOptimizer } from '../optimizers/loss-scale-optimizer.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Variable } from '../tensor/variable.ts'
import { join, placedLayers, weightOwners } from './structure.ts'

/** Where Keras keeps each variable in `model.weights.h5`, and the groups that hold a layer's name. */
export interface KerasPlaces {
  readonly variables: ReadonlyMap<string, Variable>
  readonly names: ReadonlyMap<string, string>
}

/** Attention's projections are weights of one layer here, layers of their own in Keras. */
const projections: Readonly<Record<string, string>> = {
  query: 'query_dense',
  key: 'key_dense',
  value: 'value_dense',
  gate: '_gate_dense',
  attention_output: 'output_dense',
}

/**
 * Keras's places: a layer's variables are `vars/0`, `vars/1`, … below the path of attributes that leads to it; in
 * a list a layer goes by its class, with a number from the second on. A layer that is met twice stands where it
 * was met first.
 *
 * @param doubled whether a weight of an inner layer that the layer around has in a field of its own, as spectral
 * normalization has the kernel, stands in both, as in Keras. Older files of ours have it in the inner one alone.
 */
export function kerasPlaces(model: AnyModel, doubled = true): KerasPlaces {
  const variables = new Map<string, Variable>()
  const names = new Map<string, string>()
  const placed = placedLayers(model)
  const owners = weightOwners(placed)
  for (const { layer, path, parent } of placed) {
    names.set(join(path, 'vars'), parent === undefined ? layer.name : nameIn(parent, layer))
    const counts = new Map<string, number>()
    for (const weight of layer.ownWeights) {
      if (!doubled && owners.get(weight) !== layer) continue
      const part = /^(.+)\/(kernel|bias)$/.exec(weight.name.slice(layer.name.length + 1))?.[1]
      const attribute = part === undefined ? undefined : projections[part]
      const inner =
        attribute === undefined
          ? path
          : join(
              path,
              layer.className === 'GroupQueryAttention' ? `_${attribute.replace(/^_/, '')}` : attribute,
            )
      const index = counts.get(inner) ?? 0
      counts.set(inner, index + 1)
      variables.set(join(inner, `vars/${index}`), weight)
      if (attribute !== undefined && part !== undefined) names.set(join(inner, 'vars'), part)
    }
  }
  return { variables, names }
}

/** A layer's own cell has its name here, and that of its class in Keras. */
const nameIn = (layer: Layer, child: Layer): string =>
  (child as unknown) instanceof RecurrentCell && child.name === layer.name
    ? snakeCaseName(child.className)
    : child.name

/**
 * The optimizer's state, in Keras's order. That of the optimizer that a {@link LossScaleOptimizer} wraps stands in two
 * places: among the wrapper's variables, and where the inner optimizer's own are.
 */
export function optimizerPlaces(optimizer: Optimizer): KerasPlaces {
  const variables = new Map<string, Variable>()
  const names = new Map<string, string>()
  const add = (path: string, { name, variables: own }: Optimizer): void => {
    names.set(join(path, 'vars'), name)
    for (const [i, variable] of own.entries()) variables.set(join(path, `vars/${i}`), variable)
  }
  add('optimizer', optimizer)
  if (optimizer instanceof LossScaleOptimizer) add('optimizer/inner_optimizer', optimizer.innerOptimizer)
  return { variables, names }
}

/**
 * The variables of an optimizer that Keras has saved as so many.
 *
 * Keras makes slots, and a loss scale, with an optimizer's first step: before it, there is a counter and a learning rate
 * (unless scheduled) of the optimizer and of the one within, at what they are anyway.
 *
 * @returns all, or those that begin the list if the file is of an optimizer that has not made a step.
 */
export function savedVariables(optimizer: Optimizer, saved: number): readonly Variable[] {
  const { innerOptimizers, variables } = optimizer
  const unbuilt = [optimizer, ...innerOptimizers].reduce(
    (sum, { schedule }) => sum + (schedule === undefined ? 2 : 1),
    0,
  )
  if (saved > unbuilt) return variables
  return innerOptimizers.length > 0 ? [] : variables.slice(0, saved)
}
