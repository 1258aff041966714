import type { Node, NodeOf } from '../graph/node.ts'
import type { Primitive } from '../graph/primitives.ts'
import type { KernelSupport } from '../kernel/support.ts'
import type { GraphBuilder } from './builder.ts'
import type { Triangles } from './kernels/triangles.ts'

/** What a rule works with: the node, the names of its inputs' values, and where its operators go. */
export interface LoweringContext<P extends Primitive> {
  readonly node: NodeOf<P>
  readonly inputs: readonly string[]
  readonly builder: GraphBuilder
  /**
   * Whether results are to be exact where the runtime's operators by themselves are not: NaN passes on, long sums keep
   * their digits. A model for other runtimes is made without.
   */
  readonly isExact: boolean
  /** Which kernels may stand in the place of operators. */
  readonly kernelSupport: KernelSupport
  /** The name of the value of a node that was lowered before. */
  nameOf(node: Node): string
  /** Whether a node has a value: those in the middle of a fused kernel do not. */
  isMade(node: Node): boolean
  /** The loop whose body is lowered, if it is one. */
  readonly loop: EnclosingLoop | undefined
  /** How many nodes and outputs of the graph read a node's value. */
  uses(node: Node): number
  /** What is known of zeros in square matrices. */
  readonly triangles: Triangles
}

export interface EnclosingLoop {
  readonly length: number
  /** What stands before the loop, and the loop itself. */
  readonly around: GraphBuilder
  /** Whether a node's value may differ from step to step. */
  isInside(node: Node): boolean
}

/** Appends a primitive's operators to the graph and returns the name of its value. */
export type LoweringRule<P extends Primitive> = (context: LoweringContext<P>) => string
