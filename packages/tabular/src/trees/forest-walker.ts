import type { ForestNodes } from './forest-nodes.ts'
import { binsPerColumn } from './histogram-code.ts'

/** Rows of a block at most. */
const blockRows = 256
/** The code of a missing value, behind all bins. */
export const missingCode = binsPerColumn - 1

/** Numbers of 32 bits that a node takes. */
const nodeWords = 3

/**
 * Trees laid out for prediction: rows are codes of bins, a byte each, and a node is three numbers of 32 bits. No branch depends on a value,
 * as processors guess such branches wrong half of the time, and four rows go down a tree at once, as each step waits for the one before it.
 *
 * A row has two cells a column: in the first a missing value is behind all bins, so that it goes right, in the second before them.
 */
export class ForestWalker {
  readonly #roots: Int32Array
  /** Of a node: the place of its cell, where its line of turns begins, how far its right child is from its left one. */
  readonly #words: Int32Array
  readonly #values: Float64Array
  /** Lines of −1 for the codes that go right: one for each last bin that goes left, which many nodes share, and one for each set. */
  readonly #turns: Int8Array
  readonly #width: number
  readonly #block: Uint8Array

  constructor({ roots, column, bin, right, missingLeft, value, set, sets }: ForestNodes, columns: number) {
    // A leaf leads to itself: it looks at a cell of its own, behind those of the columns, which always goes right.
    const always = 2 * columns
    this.#width = always + 1
    this.#block = new Uint8Array(blockRows * this.#width).fill(missingCode)
    this.#roots = roots.map((root) => nodeWords * root)
    this.#values = value
    const lines: Int8Array[] = Array.from({ length: binsPerColumn }, (_, last) =>
      Int8Array.from({ length: binsPerColumn }, (__, code) => (code > last ? -1 : 0)),
    )
    const words = new Int32Array(nodeWords * column.length)
    column.forEach((of, node) => {
      const leftFirst = missingLeft[node] === 1
      const at = set[node] as number
      const isLeaf = of < 0
      const isSet = !isLeaf && at >= 0
      const word = nodeWords * node
      words[word] = isLeaf ? always : 2 * of + Number(leftFirst && !isSet)
      words[word + 1] = binsPerColumn * (isLeaf ? 0 : isSet ? lines.length : (bin[node] as number))
      words[word + 2] = nodeWords * (isLeaf ? -1 : (right[node] as number) - node - 1)
      if (!isSet) return
      const line = Int8Array.from({ length: binsPerColumn }, (_, code) =>
        (((sets[at + (code >> 5)] as number) >>> (code & 31)) & 1) === 1 ? 0 : -1,
      )
      line[missingCode] = leftFirst ? 0 : -1
      lines.push(line)
    })
    this.#words = words
    this.#turns = new Int8Array(lines.length * binsPerColumn)
    lines.forEach((line, i) => {
      this.#turns.set(line, i * binsPerColumn)
    })
  }

  /** Writes a column's codes of the block's rows. */
  setColumn(column: number, codes: Uint8Array, rows: number): void {
    const [block, width] = [this.#block, this.#width]
    for (let row = 0, at = 2 * column; row < rows; row++, at += width) {
      const code = codes[row] as number
      block[at] = code
      block[at + 1] = code === missingCode ? 0 : code
    }
  }

  /** Adds the leaves that the block's rows end in, trees taking turns, to the scores from `start` on. */
  addTrees(scores: readonly Float64Array[], start: number, rows: number): void {
    const fours = rows - (rows % 4)
    for (let tree = 0; tree < this.#roots.length; tree++) {
      const own = scores[tree % scores.length] as Float64Array
      this.#addFours(this.#roots[tree] as number, own, start, fours)
      for (let row = fours; row < rows; row++) {
        const leaf = this.#leafOf(this.#roots[tree] as number, row * this.#width)
        own[start + row] = (own[start + row] as number) + (this.#values[leaf / nodeWords] as number)
      }
    }
  }

  #leafOf(root: number, first: number): number {
    const [words, block, turns] = [this.#words, this.#block, this.#turns]
    for (let at = root; ; ) {
      const code = block[first + (words[at] as number)] as number
      const turn = turns[(words[at + 1] as number) + code] as number
      const next = at + nodeWords + (turn & (words[at + 2] as number))
      if (next === at) return at
      at = next
    }
  }

  #addFours(root: number, scores: Float64Array, start: number, rows: number): void {
    const [words, block, values, turns, width] = [
      this.#words,
      this.#block,
      this.#values,
      this.#turns,
      this.#width,
    ]
    const turnOf = (at: number, first: number): number =>
      turns[(words[at + 1] as number) + (block[first + (words[at] as number)] as number)] as number
    for (let row = start, a = 0; row < start + rows; row += 4, a += 4 * width) {
      const [b, c, d] = [a + width, a + 2 * width, a + 3 * width]
      let [p, q, r, s] = [root, root, root, root]
      for (;;) {
        const np = p + nodeWords + (turnOf(p, a) & (words[p + 2] as number))
        const nq = q + nodeWords + (turnOf(q, b) & (words[q + 2] as number))
        const nr = r + nodeWords + (turnOf(r, c) & (words[r + 2] as number))
        const ns = s + nodeWords + (turnOf(s, d) & (words[s + 2] as number))
        if (np === p && nq === q && nr === r && ns === s) break
        p = np
        q = nq
        r = nr
        s = ns
      }
      scores[row] = (scores[row] as number) + (values[p / nodeWords] as number)
      scores[row + 1] = (scores[row + 1] as number) + (values[q / nodeWords] as number)
      scores[row + 2] = (scores[row + 2] as number) + (values[r / nodeWords] as number)
      scores[row + 3] = (scores[row + 3] as number) + (values[s / nodeWords] as number)
    }
  }
}
