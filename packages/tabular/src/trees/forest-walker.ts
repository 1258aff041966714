import type { ForestNodes } from './forest-nodes.ts'
import { binsPerColumn } from './histogram-code.ts'

/** Rows of a block at most. */
const blockRows = 256
/** The code of a missing value, behind all bins. */
export const missingCode = binsPerColumn - 1

/**
 * Trees laid out for prediction: rows are codes of bins, a byte each, and a node is two numbers of 32 bits. No branch depends on a value, as
 * processors guess such branches wrong half of the time, and four rows go down a tree at once, as each step waits for the one before it.
 *
 * A row has two cells a column: in the first a missing value is behind all bins, so that it goes right, in the second before them.
 */
export class ForestWalker {
  readonly #roots: Int32Array
  /** Of a node: place of its cell · 256 + its last bin that goes left, or −1 − the number of its set; how far its right child is from its left one. */
  readonly #words: Int32Array
  readonly #values: Float64Array
  /** For each set −1 for the codes that go right. */
  readonly #turns: Int8Array
  /** The cell that a set looks at. */
  readonly #cells: Int32Array
  readonly #width: number
  readonly #block: Uint8Array

  constructor({ roots, column, bin, right, missingLeft, value, set, sets }: ForestNodes, columns: number) {
    // A leaf leads to itself: it looks at a cell of its own, behind those of the columns, which always goes right.
    const always = 2 * columns
    this.#width = always + 1
    this.#block = new Uint8Array(blockRows * this.#width).fill(missingCode)
    this.#roots = roots.map((root) => 2 * root)
    this.#values = value
    const cells: number[] = []
    const turns: Int8Array[] = []
    const words = new Int32Array(2 * column.length)
    column.forEach((of, node) => {
      const leftFirst = missingLeft[node] === 1
      words[2 * node + 1] = of < 0 ? -2 : 2 * ((right[node] as number) - node - 1)
      const at = set[node] as number
      if (of < 0) words[2 * node] = always * 256
      else if (at < 0) words[2 * node] = (2 * of + Number(leftFirst)) * 256 + (bin[node] as number)
      else {
        words[2 * node] = -1 - cells.length
        cells.push(2 * of)
        const own = Int8Array.from({ length: binsPerColumn }, (_, code) =>
          (((sets[at + (code >> 5)] as number) >>> (code & 31)) & 1) === 1 ? 0 : -1,
        )
        own[missingCode] = leftFirst ? 0 : -1
        turns.push(own)
      }
    })
    this.#words = words
    this.#cells = Int32Array.from(cells)
    this.#turns = new Int8Array(turns.length * binsPerColumn)
    turns.forEach((own, i) => {
      this.#turns.set(own, i * binsPerColumn)
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
    const hasSets = this.#cells.length > 0
    for (let tree = 0; tree < this.#roots.length; tree++) {
      const own = scores[tree % scores.length] as Float64Array
      const fours = hasSets ? 0 : rows - (rows % 4)
      this.#addFours(this.#roots[tree] as number, own, start, fours)
      for (let row = fours; row < rows; row++) {
        const leaf = this.#leafOf(this.#roots[tree] as number, row * this.#width)
        own[start + row] = (own[start + row] as number) + (this.#values[leaf >> 1] as number)
      }
    }
  }

  #leafOf(root: number, first: number): number {
    const [words, block, turns, cells] = [this.#words, this.#block, this.#turns, this.#cells]
    for (let at = root; ; ) {
      const word = words[at] as number
      const turn =
        word >= 0
          ? ((word & 255) - (block[first + (word >> 8)] as number)) >> 31
          : (turns[
              (-1 - word) * binsPerColumn + (block[first + (cells[-1 - word] as number)] as number)
            ] as number)
      const next = at + 2 + (turn & (words[at + 1] as number))
      if (next === at) return at
      at = next
    }
  }

  #addFours(root: number, scores: Float64Array, start: number, rows: number): void {
    const [words, block, values, width] = [this.#words, this.#block, this.#values, this.#width]
    for (let row = start, a = 0; row < start + rows; row += 4, a += 4 * width) {
      const [b, c, d] = [a + width, a + 2 * width, a + 3 * width]
      let [p, q, r, s] = [root, root, root, root]
      for (;;) {
        const [wp, wq, wr, ws] = [
          words[p] as number,
          words[q] as number,
          words[r] as number,
          words[s] as number,
        ]
        const np =
          p + 2 + ((((wp & 255) - (block[a + (wp >> 8)] as number)) >> 31) & (words[p + 1] as number))
        const nq =
          q + 2 + ((((wq & 255) - (block[b + (wq >> 8)] as number)) >> 31) & (words[q + 1] as number))
        const nr =
          r + 2 + ((((wr & 255) - (block[c + (wr >> 8)] as number)) >> 31) & (words[r + 1] as number))
        const ns =
          s + 2 + ((((ws & 255) - (block[d + (ws >> 8)] as number)) >> 31) & (words[s + 1] as number))
        if (np === p && nq === q && nr === r && ns === s) break
        p = np
        q = nq
        r = nr
        s = ns
      }
      scores[row] = (scores[row] as number) + (values[p >> 1] as number)
      scores[row + 1] = (scores[row + 1] as number) + (values[q >> 1] as number)
      scores[row + 2] = (scores[row + 2] as number) + (values[r >> 1] as number)
      scores[row + 3] = (scores[row + 3] as number) + (values[s >> 1] as number)
    }
  }
}
