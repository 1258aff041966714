import type { TypedArray } from '../base/dtype.ts'
import { StateError } from '../base/errors.ts'
import type { DataSource, Node } from '../graph/node.ts'

/**
 * Computes pending tensors. The tensor layer knows only this interface: `transforms/evaluate.ts`
 * registers itself, so that the graph below stays free of engines.
 */
export interface Evaluator {
  /**
   * The value of each node, computed in one run.
   *
   * @param alone nodes whose value only this caller shall get: for other holders such a node is computed again.
   * @throws TraceError (at once) for a node that stands for an argument, which has no value.
   */
  evaluate(nodes: readonly Node[], alone?: ReadonlySet<Node>): Promise<Evaluated[]>
  /** The elements of a computed value, in row-major order: a copy that the caller owns. */
  read(source: DataSource): Promise<TypedArray>
}

/** What holds a node and wants to know its value as soon as anything is computed. */
export interface Holder {
  node: Node
  /** Whether other tensors may hold the node's memory. */
  shared: boolean
}

/** What a node turned out to be. */
export interface Evaluated {
  readonly source: DataSource
  /** Whether this memory is the caller's alone, who may write into it. */
  readonly isOwn: boolean
}

/** Variables that were given pending values: their graphs must not grow from update to update. */
const waiting = new Set<Holder>()

export const settleSoon = (holder: Holder): void => {
  // One that has its value waits for nothing, and would be kept alive until something else is computed.
  if (holder.node.kind === 'data') waiting.delete(holder)
  else waiting.add(holder)
}

/** The holders that still wait; they are forgotten here. */
export function takeWaiting(): Holder[] {
  const taken = [...waiting].filter(({ node }) => node.kind !== 'data')
  waiting.clear()
  return taken
}

let registered: Evaluator | undefined

export function registerEvaluator(evaluator: Evaluator): void {
  registered = evaluator
}

export function evaluator(): Evaluator {
  if (registered === undefined) {
    throw new StateError(
      "typegrad: nothing can run yet. Import from 'typegrad' rather than from one of its files.",
    )
  }
  return registered
}
