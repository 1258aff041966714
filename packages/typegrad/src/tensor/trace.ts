import type { Node } from '../graph/node.ts'
import type { Variable } from './variable.ts'

/** Who decides what reading and assigning a variable means while a function is traced. */
export interface VariableScope {
  /** Where variables change for those around too: the scope that changes are handed on to, if any. */
  readonly outer?: VariableScope | undefined
  /** The node that stands for the variable's value now. */
  read(variable: Variable): Node
  assign(variable: Variable, value: Node): void
}

let current: VariableScope | undefined

/** The innermost scope; undefined outside of any trace. */
export const currentScope = (): VariableScope | undefined => current

/** The scope of the function that is compiled, whatever stands in between; undefined if none is traced. */
export function rootScope(): VariableScope | undefined {
  let scope = current
  while (scope !== undefined && 'outer' in scope) scope = scope.outer
  return scope
}

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
