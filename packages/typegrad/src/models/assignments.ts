import type { Node } from '../graph/node.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'

/** Notes which variables are assigned, and leaves all else to the scope around. */
class WatchingScope implements VariableScope {
  readonly outer = currentScope()
  readonly assigned = new Set<Variable>()

  read(variable: Variable): Node {
    return withScope(this.outer, () => variable.value.node)
  }

  assign(variable: Variable, value: Node): void {
    this.assigned.add(variable)
    withScope(this.outer, () => variable.assign(new Tensor(value)))
  }
}

/** Runs a part of a trace and tells which variables it has changed. */
export function watchAssignments<T>(body: () => T): { readonly value: T; readonly assigned: Set<Variable> } {
  const scope = new WatchingScope()
  return { value: withScope(scope, body), assigned: scope.assigned }
}
