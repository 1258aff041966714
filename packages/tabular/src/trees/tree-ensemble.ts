import type { FileAttribute } from 'typegrad/engine'
import type { BoostedTrees } from './boosted-trees.ts'

type Mode = 'BRANCH_LEQ' | 'BRANCH_EQ' | 'LEAF'

/** Nodes and leaves as ONNX's `TreeEnsembleRegressor` has them, field by field. */
export class TreeEnsemble {
  readonly tree: number[] = []
  readonly id: number[] = []
  readonly column: number[] = []
  readonly value: number[] = []
  readonly mode: Mode[] = []
  readonly whenTrue: number[] = []
  readonly whenFalse: number[] = []
  readonly missingTrue: number[] = []
  readonly targetTree: number[] = []
  readonly targetId: number[] = []
  readonly target: number[] = []
  readonly weight: number[] = []

  addNode(
    tree: number,
    id: number,
    mode: Mode,
    column: number,
    value: number,
    whenTrue: number,
    whenFalse: number,
    missingTrue: number,
  ): void {
    this.tree.push(tree)
    this.id.push(id)
    this.mode.push(mode)
    this.column.push(column)
    this.value.push(value)
    this.whenTrue.push(whenTrue)
    this.whenFalse.push(whenFalse)
    this.missingTrue.push(missingTrue)
  }

  addLeaf(tree: number, id: number, target: number, weight: number): void {
    this.addNode(tree, id, 'LEAF', 0, 0, 0, 0, 0)
    this.targetTree.push(tree)
    this.targetId.push(id)
    this.target.push(target)
    this.weight.push(weight)
  }
}

/** @param boundOf what numbers are compared with in the place of a threshold. */
export function ensembleOf(
  { forest, begin }: BoostedTrees,
  boundOf: (threshold: number) => number = (threshold) => threshold,
): TreeEnsemble {
  const made = new TreeEnsemble()
  const { roots, column, right, missingLeft, value, set, sets } = forest.nodes
  for (let tree = 0; tree < forest.trees; tree++) {
    const first = roots[tree] as number
    const end = roots[tree + 1] ?? column.length
    // Comparisons with further categories stand behind the tree's own nodes.
    let next = end - first
    for (let node = first; node < end; node++) {
      const at = column[node] as number
      const id = node - first
      if (at < 0) {
        made.addLeaf(tree, id, tree % begin.length, value[node] as number)
        continue
      }
      const [onLeft, onRight] = [id + 1, (right[node] as number) - first]
      const words = set[node] as number
      const isMissingLeft = missingLeft[node] === 1
      if (words < 0) {
        const bound = boundOf(forest.thresholdOf(node))
        made.addNode(tree, id, 'BRANCH_LEQ', at, bound, onLeft, onRight, isMissingLeft ? 1 : 0)
        continue
      }
      // Missing and unknown categories equal none, so that they end where the chain does: on their side.
      const [found, otherwise] = isMissingLeft ? [onRight, onLeft] : [onLeft, onRight]
      const members = Array.from({ length: forest.bins[at]?.count ?? 0 }, (_, category) => category).filter(
        (category) =>
          ((((sets[words + (category >> 5)] as number) >>> (category & 31)) & 1) === 1) !== isMissingLeft,
      )
      members.forEach((category, i) => {
        const own = i === 0 ? id : next++
        const isLast = i === members.length - 1
        made.addNode(tree, own, 'BRANCH_EQ', at, category, found, isLast ? otherwise : next, 0)
      })
    }
  }
  return made
}

/** The attributes of `TreeEnsembleRegressor` that do not depend on how numbers are kept. */
export function structureOf(ensemble: TreeEnsemble): Readonly<Record<string, FileAttribute>> {
  const ints = (value: readonly number[]): FileAttribute => ({ type: 'ints', value })
  return {
    nodes_treeids: ints(ensemble.tree),
    nodes_nodeids: ints(ensemble.id),
    nodes_featureids: ints(ensemble.column),
    nodes_modes: { type: 'strings', value: ensemble.mode },
    nodes_truenodeids: ints(ensemble.whenTrue),
    nodes_falsenodeids: ints(ensemble.whenFalse),
    nodes_missing_value_tracks_true: ints(ensemble.missingTrue),
    target_treeids: ints(ensemble.targetTree),
    target_nodeids: ints(ensemble.targetId),
    target_ids: ints(ensemble.target),
  }
}
