import type { Node } from '../graph/node.ts'
import type { Variable } from './variable.ts'

/** Who decides what reading and assigning a variable means while a function is traced. */
export interface VariableScope {
  /** The node that stands for the variable's value now. */
  read(variable: Variable): Node
  assign(variable: Variable, value: Node): void
}

let current: VariableScope | undefined

/** The innermost scope; undefined outside of any trace. */
export const currentScope = (): VariableScope | undefined => current

/** Runs `body` with `scope` deciding about variables. Traced functions are synchronous, so scopes nest. */
export function withScope<T>(scope: VariableScope | undefined, body: () => T): T {
  const outer = current
  current = scope
  try {
    return body()
  } finally {
    current = outer
  }
}
