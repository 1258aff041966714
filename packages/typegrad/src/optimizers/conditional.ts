import { where } from '../ops/comparison.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'

/**
 * Runs `body`, whose assignments hold where the condition (a bool scalar) is true; elsewhere all variables keep
 * their values. Traceable: the graph computes the new values in any case and selects.
 *
 * @example
 * assignWhere(isFinite, () => optimizer.apply(grads, weights))
 */
export function assignWhere(condition: Tensor, body: () => void): void {
  const outer = currentScope()
  const assigned = new Map<Variable, Tensor>()
  withScope(
    {
      outer,
      read: (variable) => assigned.get(variable)?.node ?? withScope(outer, () => variable.value.node),
      assign: (variable, value) => assigned.set(variable, new Tensor(value)),
    },
    body,
  )
  for (const [variable, value] of assigned) variable.assign(where(condition, value, variable.value))
}
