import type { Node } from '../../graph/node.ts'
import { currentScope, type VariableScope, withScope } from '../../tensor/trace.ts'
import type { Variable } from '../../tensor/variable.ts'

/** Notes which variables a trace assigns, and keeps the new values to itself: nothing changes outside of it. */
export class NotingScope implements VariableScope {
  readonly outer = currentScope()
  readonly #values = new Map<Variable, Node>()

  get assigned(): { has(variable: Variable): boolean } {
    return this.#values
  }

  read(variable: Variable): Node {
    return this.#values.get(variable) ?? withScope(this.outer, () => variable.value.node)
  }

  assign(variable: Variable, value: Node): void {
    this.#values.set(variable, value)
  }
}
