import { encodeModel } from 'typegrad/engine'
import type { BoostedTrees } from './boosted-trees.ts'
import type { TreeLossName } from './losses.ts'

const domain = 'ai.onnx.ml'
const opset = 21

/** What a loss's scores go through: rows of one output become those of both classes where there are two. */
const links: Readonly<Record<TreeLossName, readonly string[]>> = {
  squaredError: ['Identity'],
  quantile: ['Identity'],
  poisson: ['Exp'],
  logistic: ['Sigmoid'],
  softmax: ['Softmax'],
}

/**
 * The trees as an ONNX model, with the operator `TreeEnsembleRegressor` of `ai.onnx.ml`, which every build of ONNX Runtime has.
 *
 * Its input `columns` is float32 `[rows, columns]`, with NaN for what is missing and categories by their numbers; its output
 * `predictions` is float32 `[rows, outputs]`, as `predict` gives it. For float32 inputs all comparisons are those of `predict`; sums are
 * in float32.
 *
 * @example
 * const bytes = treesToOnnx(await boost([{ values: [1, 2, 3] }], [1, 2, 3], { minRows: 1 }))
 */
export function treesToOnnx(trees: BoostedTrees): Uint8Array<ArrayBuffer> {
  const { begin, forest, loss } = trees
  const ensemble = ensembleOf(trees)
  const ints = (value: readonly number[]) => ({ type: 'ints', value }) as const
  const floats = (value: readonly number[]) => ({ type: 'floats', value }) as const
  return encodeModel({
    opset,
    domains: [domain],
    graph: {
      name: 'trees',
      inputs: [{ name: 'columns', dtype: 'float32', shape: ['rows', forest.bins.length] }],
      outputs: [{ name: 'predictions', dtype: 'float32', shape: ['rows', begin.length] }],
      initializers: [],
      nodes: [
        {
          op: 'TreeEnsembleRegressor',
          domain,
          inputs: ['columns'],
          outputs: ['scores'],
          attributes: {
            n_targets: { type: 'int', value: begin.length },
            base_values: floats(begin),
            nodes_treeids: ints(ensemble.tree),
            nodes_nodeids: ints(ensemble.id),
            nodes_featureids: ints(ensemble.column),
            nodes_values: floats(ensemble.value),
            nodes_modes: { type: 'strings', value: ensemble.mode },
            nodes_truenodeids: ints(ensemble.whenTrue),
            nodes_falsenodeids: ints(ensemble.whenFalse),
            nodes_missing_value_tracks_true: ints(ensemble.missingTrue),
            target_treeids: ints(ensemble.targetTree),
            target_nodeids: ints(ensemble.targetId),
            target_ids: ints(ensemble.target),
            target_weights: floats(ensemble.weight),
          },
        },
        ...links[loss].map((op) => ({ op, inputs: ['scores'], outputs: ['predictions'] })),
      ],
    },
  })
}

type Mode = 'BRANCH_LEQ' | 'BRANCH_EQ' | 'LEAF'

/** The attributes of the operator: nodes and leaves, field by field. */
class Ensemble {
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

function ensembleOf({ forest, begin }: BoostedTrees): Ensemble {
  const made = new Ensemble()
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
        const bound = floatBelow(forest.thresholdOf(node))
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

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/** The greatest float32 that a number is not below: what float32 exceeds the one exceeds the other. */
export function floatBelow(value: number): number {
  float[0] = value
  if ((float[0] as number) > value) bits[0] = (bits[0] as number) + (value > 0 ? -1 : 1)
  return float[0] as number
}
