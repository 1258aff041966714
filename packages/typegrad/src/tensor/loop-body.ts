import type { Node } from '../graph/node.ts'
import type { Tensor } from './tensor.ts'

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
