import type { SliceBounds, SteppedSlice } from '../base/slice.ts'
import type { Node } from '../graph/node.ts'
import type { LoopBody } from './loop-body.ts'

/** Who decides what reading and assigning a variable of type V means while a function is traced. */
export interface ScopeOf<V> {
  /** Where variables change for those around too: the scope that changes are handed on to, if any. */
  readonly outer?: ScopeOf<V> | undefined
  /** Set where what is traced is the body of a loop. */
  readonly loop?: LoopBody
  /** The node that stands for the variable's value now. */
  read(variable: V): Node
  assign(variable: V, value: Node): void
  /** Bounds of a slice where the traced length stands for others, which may end it earlier; undefined for its own. */
  slice?(asked: SteppedSlice, length: number): SliceBounds | undefined
}

/** The scopes of the traces that are under way: one lies within another. */
export class ScopeStack<V> {
  /** The innermost scope; undefined outside of any trace. */
  current: ScopeOf<V> | undefined

  /** Runs `body` with `scope` deciding about variables. */
  run<T>(scope: ScopeOf<V> | undefined, body: () => T): T {
    const outer = this.current
    this.current = scope
    try {
      return body()
    } finally {
      this.current = outer
    }
  }
}
