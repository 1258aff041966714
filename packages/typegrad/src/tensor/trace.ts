import type { Node } from '../graph/node.ts'
import type { Tensor } from './tensor.ts'
import type { Variable } from './variable.ts'

/** A loop's body while it is traced. */
export interface LoopBody {
  /** Number of steps. */
  readonly length: number
  /** Runs `make` outside of the loop. */
  outside<T>(make: () => T): T
  /**
   * What a step has of a tensor (length, …) that is made outside of the loop, once for each source: it becomes one
   * more sequence of the loop.
   */
  sliceOf(source: Node, make: () => Tensor): Tensor
}

/** Who decides what reading and assigning a variable means while a function is traced. */
export interface VariableScope {
  /** Where variables change for those around too: the scope that changes are handed on to, if any. */
  readonly outer?: VariableScope | undefined
  /** Set where what is traced is the body of a loop. */
  readonly loop?: LoopBody
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

/** The loops whose bodies a scope stands in, as far as `from`, the outermost first. */
export function loopsBetween(from: VariableScope | undefined, scope: VariableScope | undefined): LoopBody[] {
  const loops: LoopBody[] = []
  for (let at = scope; at !== undefined && at !== from; at = at.outer) {
    if (at.loop !== undefined) loops.unshift(at.loop)
  }
  return loops
}
