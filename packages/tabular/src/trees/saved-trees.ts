import { FormatError } from 'typegrad/core'
import { decodeNumbers, encodeNumbers, readList, readNumbers, readPart, readText } from '../saving/saved.ts'
import { BoostedTrees } from './boosted-trees.ts'
import { Forest, type ForestNodes, setWords } from './forest.ts'
import { type TreeLossName, treeLosses } from './losses.ts'

/** Trees as JSON. */
export interface SavedTrees {
  readonly [name: string]: string | number | readonly (number | null)[] | Readonly<Record<string, string>>
  readonly loss: TreeLossName
}

export function savedTrees({
  loss,
  classes,
  quantile,
  begin,
  forest,
  categories,
  validationLosses,
}: BoostedTrees): SavedTrees {
  return {
    loss,
    numbers: [classes, quantile],
    begin,
    categories: categories.map((count) => count ?? null),
    validationLosses,
    nodes: Object.fromEntries(
      Object.entries(forest.nodes).map(([name, values]) => [name, encodeNumbers(values)]),
    ),
  }
}

/** What {@link savedTrees} gave. @throws FormatError for something else: no node leads anywhere else than to a later one of the forest. */
export function readTrees(saved: unknown): BoostedTrees {
  const nodes = readPart(saved, 'nodes')
  const read: ForestNodes = {
    roots: decodeNumbers(nodes, 'roots', Int32Array),
    column: decodeNumbers(nodes, 'column', Int32Array),
    threshold: decodeNumbers(nodes, 'threshold', Float64Array),
    left: decodeNumbers(nodes, 'left', Int32Array),
    right: decodeNumbers(nodes, 'right', Int32Array),
    missingLeft: decodeNumbers(nodes, 'missingLeft', Uint8Array),
    value: decodeNumbers(nodes, 'value', Float64Array),
    set: decodeNumbers(nodes, 'set', Int32Array),
    sets: decodeNumbers(nodes, 'sets', Uint32Array),
    gain: decodeNumbers(nodes, 'gain', Float64Array),
  }
  const categories = readList(saved, 'categories').map((count) =>
    typeof count === 'number' ? count : undefined,
  )
  const begin = readNumbers(saved, 'begin')
  checkNodes(read, categories.length, begin.length)
  const [classes = 2, quantile = 0.5] = readNumbers(saved, 'numbers')
  return new BoostedTrees({
    loss: readText(saved, 'loss', Object.keys(treeLosses) as TreeLossName[]),
    classes,
    quantile,
    begin,
    forest: new Forest(read),
    categories,
    validationLosses: readNumbers(saved, 'validationLosses'),
  })
}

function checkNodes(nodes: ForestNodes, columns: number, outputs: number): void {
  const { roots, column, threshold, left, right, missingLeft, value, set, sets, gain } = nodes
  const count = column.length
  const areFields = [threshold, left, right, missingLeft, value, set, gain].every(
    ({ length }) => length === count,
  )
  const leads = (node: number, to: number | undefined): boolean => to !== undefined && to > node && to < count
  const isSound = (at: number, node: number): boolean =>
    at < columns &&
    (at < 0 || (leads(node, left[node]) && leads(node, right[node]))) &&
    (set[node] as number) + setWords <= Math.max(sets.length, setWords - 1)
  if (
    outputs > 0 &&
    areFields &&
    roots.length % outputs === 0 &&
    roots.every((root) => root >= 0 && root < count) &&
    column.every(isSound)
  )
    return
  throw new FormatError({
    where: 'table model: nodes',
    expected: 'trees whose nodes lead to later ones',
    received: 'others',
    fix: 'The file is damaged: restore it from a copy, or train the model again.',
  })
}
