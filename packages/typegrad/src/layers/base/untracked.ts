import { StateError } from '../../base/errors.ts'
import type { Node } from '../../graph/node.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../../tensor/trace.ts'
import type { Variable } from '../../tensor/variable.ts'

/** Notes which variables a part of a trace reads, and leaves all else to the scope around. */
export class ReadingScope implements VariableScope {
  readonly outer = currentScope()
  readonly variables = new Set<Variable>()

  read(variable: Variable): Node {
    this.variables.add(variable)
    return withScope(this.outer, () => variable.value.node)
  }

  assign(variable: Variable, value: Node): void {
    withScope(this.outer, () => variable.assign(new Tensor(value)))
  }
}

/** What has weights of its own, or of layers in it. */
interface Weighted {
  readonly className: string
  readonly name: string
  readonly weights: readonly Variable[]
}

/**
 * Checks that a layer's `weights` list every trainable variable that its call has read: others would be computed with,
 * and neither trained nor saved.
 *
 * @throws StateError naming those that the layer cannot find, such as weights of layers in `#private` fields.
 */
export function checkTracked(layer: Weighted, read: Iterable<Variable>): void {
  const trainable = [...read].filter((variable) => variable.trainable)
  if (trainable.length === 0) return
  const known = new Set(layer.weights)
  const lost = trainable.filter((variable) => !known.has(variable))
  if (lost.length === 0) return
  const names = lost.map(({ name }) => `'${name}'`)
  throw new StateError({
    where: `${layer.className} '${layer.name}'`,
    expected: "a call that reads weights of the layer's own, which are trained and saved with it",
    received: `one that reads ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}, which are not among its weights`,
    fix: "Keep layers and variables in the layer's fields (not in #private ones, nor in variables outside of the class), directly or in arrays, objects, Maps or Sets. Where they shall not be trained with it, freeze them: inner.trainable = false.",
  })
}
