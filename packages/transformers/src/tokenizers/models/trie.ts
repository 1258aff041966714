import { PairTable } from './pair-table.ts'

/** Words by their UTF-16 units: finds all that a text has at a place, the shortest first. */
export class Trie {
  readonly #children: PairTable
  /** Of a node: the value of the word that ends there, or -1. */
  readonly #values: number[] = [-1]

  constructor(words: Iterable<readonly [string, number]>, expectedUnits: number) {
    this.#children = new PairTable(expectedUnits)
    for (const [word, value] of words) {
      let node = 0
      for (let i = 0; i < word.length; i++) {
        const unit = word.charCodeAt(i)
        let child = this.#children.get(node, unit)
        if (child < 0) {
          child = this.#values.length
          this.#values.push(-1)
          this.#children.set(node, unit, child)
        }
        node = child
      }
      this.#values[node] = value
    }
  }

  /** Calls with the end and the value of each word that begins at a place. */
  forEachAt(text: string, from: number, found: (end: number, value: number) => void): void {
    let node = 0
    for (let i = from; i < text.length; ) {
      node = this.#children.get(node, text.charCodeAt(i++))
      if (node < 0) return
      const value = this.#values[node] as number
      if (value >= 0) found(i, value)
    }
  }
}
