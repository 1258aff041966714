import type { Node } from '../graph/node.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'

/** Notes which variables are assigned in a part of a trace, and leaves all else to the scope around. */
export class WatchingScope implements VariableScope {
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
