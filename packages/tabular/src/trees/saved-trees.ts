import { FormatError } from 'typegrad/core'
import { readArray, readList, readNumbers, readText, type Saved } from '../saving/saved.ts'
import type { ColumnBins } from './bins.ts'
import { BoostedTrees } from './boosted-trees.ts'
import { Forest } from './forest.ts'
import { type ForestNodes, setWords } from './forest-nodes.ts'
import { type TreeLossName, treeLosses } from './losses.ts'

/** Trees as values that can be kept: for each node what is known of its kind alone, in the smallest numbers that have room. */
export function savedTrees({
  loss,
  classes,
  quantile,
  begin,
  forest: { nodes, bins, gains },
}: BoostedTrees): Saved {
  const inner: number[] = []
  const leaves: number[] = []
  nodes.column.forEach((column, node) => {
    ;(column < 0 ? leaves : inner).push(node)
  })
  const known = new Map<string, number>()
  const sets: number[] = []
  const setOf = (at: number): number => {
    const words = nodes.sets.subarray(at, at + setWords)
    const text = words.join()
    const place = known.get(text) ?? known.size
    if (place === known.size) sets.push(...words)
    known.set(text, place)
    return place
  }
  const categorical = inner.filter((node) => (nodes.set[node] as number) >= 0)
  return {
    loss,
    numbers: [classes, quantile],
    begin,
    bins: bins.map((of) => (of.kind === 'category' ? of.count : of.thresholds)),
    gains,
    roots: nodes.roots,
    column: narrowest(Array.from(nodes.column, (column) => column + 1)),
    bin: Uint8Array.from(inner, (node) => nodes.bin[node] as number),
    missingLeft: Uint8Array.from(inner, (node) => nodes.missingLeft[node] as number),
    right: narrowest(inner.map((node) => (nodes.right[node] as number) - node)),
    set: narrowest(categorical.map((node) => setOf(nodes.set[node] as number))),
    sets: Uint32Array.from(sets),
    value: exactest(Float64Array.from(leaves, (node) => nodes.value[node] as number)),
  }
}

/** Numbers of at least 0 in the fewest bytes each that have room for all. */
function narrowest(values: readonly number[]): Uint8Array | Uint16Array | Uint32Array {
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  return most < 2 ** 8
    ? Uint8Array.from(values)
    : most < 2 ** 16
      ? Uint16Array.from(values)
      : Uint32Array.from(values)
}

/** Float32 where that is what all of them are. */
const exactest = (values: Float64Array): Float32Array | Float64Array =>
  values.every((value) => Math.fround(value) === value) ? Float32Array.from(values) : values

/** What {@link savedTrees} gave. @throws FormatError for something else: no node leads anywhere else than to a later one of its tree. */
export function readTrees(saved: unknown): BoostedTrees {
  const whole = (name: string) => readArray(saved, name, Uint8Array, Uint16Array, Uint32Array)
  const bins = readList(saved, 'bins').map((of): ColumnBins => {
    if (typeof of === 'number') return { kind: 'category', count: of }
    if (of instanceof Float64Array && of.length < 256)
      return { kind: 'number', thresholds: of, count: of.length + 1 }
    throw damagedNodes()
  })
  const column = Int32Array.from(whole('column'), (one) => one - 1)
  const parts = {
    bin: readArray(saved, 'bin', Uint8Array),
    missingLeft: readArray(saved, 'missingLeft', Uint8Array),
  }
  const [right, set, value] = [
    whole('right'),
    whole('set'),
    readArray(saved, 'value', Float32Array, Float64Array),
  ]
  const nodes: ForestNodes = {
    roots: readArray(saved, 'roots', Int32Array),
    column,
    bin: new Uint8Array(column.length),
    right: new Int32Array(column.length),
    missingLeft: new Uint8Array(column.length),
    value: new Float64Array(column.length),
    set: new Int32Array(column.length).fill(-1),
    sets: readArray(saved, 'sets', Uint32Array),
  }
  let [inner, leaf, categorical] = [0, 0, 0]
  column.forEach((of, node) => {
    if (of < 0) {
      nodes.value[node] = value[leaf++] ?? Number.NaN
      return
    }
    if (bins[of]?.kind === 'category') nodes.set[node] = setWords * (set[categorical++] ?? Number.NaN)
    nodes.bin[node] = parts.bin[inner] ?? 0
    nodes.missingLeft[node] = parts.missingLeft[inner] ?? 0
    nodes.right[node] = node + (right[inner] ?? 0)
    inner += 1
  })
  const begin = readNumbers(saved, 'begin')
  if (
    [parts.bin, parts.missingLeft, right].some(({ length }) => length !== inner) ||
    value.length !== leaf ||
    set.length !== categorical ||
    begin.length === 0 ||
    nodes.roots.length % begin.length !== 0 ||
    !areTrees(nodes, bins)
  )
    throw damagedNodes()
  const [classes = 2, quantile = 0.5] = readNumbers(saved, 'numbers')
  return new BoostedTrees({
    loss: readText(saved, 'loss', Object.keys(treeLosses) as TreeLossName[]),
    classes,
    quantile,
    begin,
    forest: new Forest(nodes, bins, readArray(saved, 'gains', Float64Array)),
    // How training went is not kept.
    validationLosses: [],
  })
}

/** Whether each tree ends where the next one begins, and each node leads to two of its own tree. */
function areTrees(
  { roots, column, bin, right, set, sets }: ForestNodes,
  bins: readonly ColumnBins[],
): boolean {
  /** The node behind the tree of this one; −1 for none. */
  const endOf = (node: number, end: number): number => {
    // Trees may be deep: nodes that are still to come, and where they have to stand.
    const waiting: number[] = []
    for (let at = node; at < end; ) {
      const of = column[at] as number
      if (of >= 0) {
        const kind = bins[of]
        const isKnown = kind !== undefined && (kind.kind === 'category' || (bin[at] as number) < kind.count)
        const isSet = (set[at] as number) < 0 || (set[at] as number) + setWords <= sets.length
        if (!isKnown || !isSet) return -1
        waiting.push(right[at] as number)
        at += 1
        continue
      }
      at += 1
      const next = waiting.pop()
      if (next === undefined) return at
      if (next !== at) return -1
    }
    return -1
  }
  let at = 0
  for (const root of roots) {
    if (root !== at) return false
    at = endOf(root, column.length)
    if (at < 0) return false
  }
  return at === column.length
}

const damagedNodes = (): FormatError =>
  new FormatError({
    where: 'table model: nodes',
    expected: 'trees whose nodes lead to later ones',
    received: 'others',
    fix: 'The file is damaged: restore it from a copy, or train the model again.',
  })
