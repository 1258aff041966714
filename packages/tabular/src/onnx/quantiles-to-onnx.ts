import { TreeEnsemble } from '../trees/tree-ensemble.ts'
import { normalQuantiles } from './normal-quantile-to-onnx.ts'
import type { OnnxBuilder } from './onnx-builder.ts'
import { treeScores } from './trees-to-onnx.ts'

/** How near to an end a number counts as the end, and what shares normal numbers reach: those of `quantileTransform`. */
const edge = 1e-7

/** Between two quantiles a share is `begin + rise · (x − from) / width`. */
interface Piece {
  readonly begin: number
  readonly rise: number
  readonly from: number
  readonly width: number
}

const level = (share: number): Piece => ({ begin: share, rise: 0, from: 0, width: 1 })

/** Numbers that differ, ascending, each with the first and last share of the quantiles that it is. */
function distinctQuantiles(quantiles: readonly number[]) {
  const found: { readonly value: number; readonly first: number; last: number }[] = []
  for (const [i, value] of quantiles.entries()) {
    const share = quantiles.length === 1 ? 0 : i / (quantiles.length - 1)
    const before = found.at(-1)
    if (before?.value === value) before.last = share
    else found.push({ value, first: share, last: share })
  }
  return found
}

/**
 * What `quantileTransform` makes of columns `[rows, all.length]`. ONNX has no search in sorted numbers: a balanced tree for each
 * column is one, whose leaves are places in the table of pieces.
 *
 * @param all the quantiles of each column, ascending.
 */
export function quantileShares(
  builder: OnnxBuilder,
  matrix: string,
  all: readonly (readonly number[])[],
  output: 'uniform' | 'normal' = 'uniform',
): string {
  const pieces: Piece[] = []
  const search = new TreeEnsemble()
  for (const [column, quantiles] of all.entries()) addSearch(search, column, searchOf(quantiles), pieces)
  const places = builder.cast(treeScores(builder, search, matrix, all.length), 'int64')
  const part = (of: keyof Piece): string =>
    builder.op('Gather', [builder.numbers(pieces.map((piece) => piece[of])), places])
  const along = builder.op('Div', [builder.op('Sub', [matrix, part('from')]), part('width')])
  const inside = builder.op('Add', [part('begin'), builder.op('Mul', [part('rise'), along])])

  const isNormal = output === 'normal'
  const ends = (of: (quantiles: readonly number[]) => number): string =>
    builder.numbers(all.map(of), [1, all.length])
  const [first, last] = [ends(([one = 0]) => one), ends((one) => one.at(-1) ?? 0)]
  const moved = (by: number): string => builder.op('Add', [matrix, builder.number(by)])
  const isAtLast = isNormal ? builder.op('Greater', [moved(edge), last]) : builder.op('Equal', [matrix, last])
  const isAtFirst = isNormal
    ? builder.op('Less', [moved(-edge), first])
    : builder.op('Equal', [matrix, first])
  const shares = builder.op('Where', [
    isAtFirst,
    builder.number(0),
    builder.op('Where', [isAtLast, builder.number(1), inside]),
  ])
  if (!isNormal) return shares
  const within = builder.op('Clip', [shares, builder.number(edge), builder.number(1 - edge)])
  return normalQuantiles(builder, within)
}

/** A search: nodes with two branches, and pieces at its leaves. */
type Search =
  | { readonly nodes: 1; readonly piece: Piece }
  | {
      readonly nodes: number
      readonly mode: 'BRANCH_LEQ' | 'BRANCH_EQ'
      readonly value: number
      readonly yes: Search
      readonly no: Search
    }

const leaf = (piece: Piece): Search => ({ nodes: 1, piece })

const branch = (mode: 'BRANCH_LEQ' | 'BRANCH_EQ', value: number, yes: Search, no: Search): Search => ({
  nodes: 1 + yes.nodes + no.nodes,
  ...{ mode, value, yes, no },
})

/** How the piece of a number is found: between which of the quantiles it is, or which of them it is. */
function searchOf(quantiles: readonly number[]): Search {
  const known = distinctQuantiles(quantiles)
  /** Numbers above the quantile before and up to this one. */
  const upTo = (place: number): Search => {
    const [before, here] = [known[place - 1], known[place]]
    if (here === undefined) return leaf(level(before?.last ?? 0))
    const line = leaf(
      before === undefined
        ? level(here.first)
        : {
            begin: before.last,
            rise: here.first - before.last,
            from: before.value,
            width: here.value - before.value,
          },
    )
    // What is several quantiles has the middle of their shares.
    return here.first === here.last
      ? line
      : branch('BRANCH_EQ', here.value, leaf(level((here.first + here.last) / 2)), line)
  }
  const between = (low: number, high: number): Search => {
    if (low === high) return upTo(low)
    const middle = (low + high) >> 1
    const value = known[middle]?.value as number
    return branch('BRANCH_LEQ', value, between(low, middle), between(middle + 1, high))
  }
  return between(0, known.length)
}

/** Adds a tree of a column, whose root comes first; its pieces go behind those that there are. */
function addSearch(ensemble: TreeEnsemble, column: number, search: Search, pieces: Piece[], id = 0): void {
  if ('piece' in search) {
    ensemble.addLeaf(column, id, column, pieces.length)
    pieces.push(search.piece)
    return
  }
  const { mode, value, yes, no } = search
  const [onYes, onNo] = [id + 1, id + 1 + yes.nodes]
  ensemble.addNode(column, id, mode, column, value, onYes, onNo, 0)
  addSearch(ensemble, column, yes, pieces, onYes)
  addSearch(ensemble, column, no, pieces, onNo)
}
