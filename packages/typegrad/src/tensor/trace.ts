import type { LoopBody } from './loop-body.ts'
import type { ScopeOf } from './scope-stack.ts'
import { scopes, type Variable } from './variable.ts'

export type { LoopBody } from './loop-body.ts'

/** Who decides what reading and assigning a variable means while a function is traced. */
export type VariableScope = ScopeOf<Variable>

/** The innermost scope; undefined outside of any trace. */
export const currentScope = (): VariableScope | undefined => scopes.current

/** The scope of the function that is compiled, whatever stands in between; undefined if none is traced. */
export function rootScope(): VariableScope | undefined {
  let scope = scopes.current
  while (scope !== undefined && 'outer' in scope) scope = scope.outer
  return scope
}

/** Runs `body` with `scope` deciding about variables. Traced functions are synchronous, so scopes nest. */
export const withScope = <T>(scope: VariableScope | undefined, body: () => T): T => scopes.run(scope, body)

/** The loops whose bodies a scope stands in, as far as `from`, the outermost first. */
export function loopsBetween(from: VariableScope | undefined, scope: VariableScope | undefined): LoopBody[] {
  const loops: LoopBody[] = []
  for (let at = scope; at !== undefined && at !== from; at = at.outer) {
    if (at.loop !== undefined) loops.unshift(at.loop)
  }
  return loops
}
