import type { Node } from '../graph/node.ts'
import type { Variable } from './variable.ts'

/** Who decides what reading and assigning a variable means while a function is traced. */
export interface VariableScope {
  /** The scope around this one, if there is one and this one hands on to it. */
  readonly outer?: VariableScope | undefined
  /** The node that stands for the variable's value now. */
  read(variable: Variable): Node
  assign(variable: Variable, value: Node): void
}

let current: VariableScope | undefined

/** The innermost scope; undefined outside of any trace. */
export const currentScope = (): VariableScope | undefined => current

/** The outermost scope: the compiled function's, if one is traced. */
export function rootScope(): VariableScope | undefined {
  let scope = current
  while (scope?.outer !== undefined) scope = scope.outer
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
