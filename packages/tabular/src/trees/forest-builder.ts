import { type ColumnBins, missingBin } from './bins.ts'
import { Forest } from './forest.ts'
import { type ForestNodes, setWords } from './forest-nodes.ts'
import type { TreeGrower } from './grow.ts'
import { binsPerColumn } from './histogram-code.ts'

/** Collects trees as they are grown. */
export class ForestBuilder {
  readonly #bins: readonly ColumnBins[]
  readonly #roots: number[] = []
  readonly #column: number[] = []
  readonly #bin: number[] = []
  readonly #right: number[] = []
  readonly #missingLeft: number[] = []
  readonly #value: number[] = []
  readonly #set: number[] = []
  readonly #sets: number[] = []
  readonly #gain: number[] = []

  constructor(bins: readonly ColumnBins[]) {
    this.#bins = bins
  }

  get trees(): number {
    return this.#roots.length
  }

  /** Adds the tree that was grown last. */
  add(tree: TreeGrower): void {
    this.#roots.push(this.#column.length)
    this.#addNode(tree, 0)
  }

  /** A node, those below its left child, and those below its right one. */
  #addNode(tree: TreeGrower, node: number): void {
    const own = this.#column.length
    const column = tree.column[node] as number
    const bins = this.#bins[column]
    this.#column.push(column)
    this.#right.push(0)
    this.#bin.push(bins?.kind === 'number' ? (tree.bin[node] as number) : 0)
    this.#missingLeft.push(column < 0 ? 0 : (tree.missingLeft[node] as number))
    this.#value.push(column < 0 ? (tree.value[node] as number) : 0)
    this.#gain.push(column < 0 ? 0 : (tree.gain[node] as number))
    this.#set.push(bins?.kind === 'category' ? this.#addSet(tree, node, bins) : -1)
    if (column < 0) return
    this.#addNode(tree, tree.left[node] as number)
    this.#right[own] = this.#column.length
    this.#addNode(tree, tree.right[node] as number)
  }

  #addSet(tree: TreeGrower, node: number, bins: ColumnBins): number {
    const first = this.#sets.length
    const words = new Uint32Array(setWords)
    for (let bin = 0; bin < missingBin(bins); bin++)
      if (tree.goesLeft[node * binsPerColumn + bin] === 1)
        words[bin >> 5] = (words[bin >> 5] as number) | (1 << (bin & 31))
    this.#sets.push(...words)
    return first
  }

  /** The first trees, with the thresholds alone that they compare with. */
  build(trees = this.trees): Forest {
    const end = this.#roots[trees] ?? this.#column.length
    const gains = new Float64Array(this.#bins.length)
    for (let node = 0; node < end; node++) {
      const column = this.#column[node] as number
      if (column >= 0) gains[column] = (gains[column] as number) + (this.#gain[node] as number)
    }
    const nodes: ForestNodes = {
      roots: Int32Array.from(this.#roots.slice(0, trees)),
      column: Int32Array.from(this.#column.slice(0, end)),
      bin: Uint8Array.from(this.#bin.slice(0, end)),
      right: Int32Array.from(this.#right.slice(0, end)),
      missingLeft: Uint8Array.from(this.#missingLeft.slice(0, end)),
      value: Float64Array.from(this.#value.slice(0, end)),
      set: Int32Array.from(this.#set.slice(0, end)),
      sets: Uint32Array.from(this.#sets),
    }
    return new Forest(nodes, usedBins(this.#bins, nodes), gains)
  }
}

/** Bins of the thresholds alone that nodes compare with; the nodes' bins become theirs. */
function usedBins(bins: readonly ColumnBins[], { column, bin }: ForestNodes): ColumnBins[] {
  const used = bins.map(() => new Set<number>())
  column.forEach((of, node) => {
    used[of]?.add(bin[node] as number)
  })
  const places = used.map((of) => new Map([...of].sort((a, b) => a - b).map((one, place) => [one, place])))
  column.forEach((of, node) => {
    if (of >= 0) bin[node] = places[of]?.get(bin[node] as number) ?? 0
  })
  return bins.map((of, i): ColumnBins => {
    if (of.kind === 'category') return of
    // The last bin has no threshold: what goes left of it is all that is known.
    const thresholds = Float64Array.from(
      [...(places[i] as Map<number, number>).keys()].flatMap((one) => of.thresholds[one] ?? []),
    )
    return { kind: 'number', thresholds, count: thresholds.length + 1 }
  })
}
