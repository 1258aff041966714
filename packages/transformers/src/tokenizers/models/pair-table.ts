/** Ranks of pairs of ids: a hash table with open addressing, twice as large as what it holds or more. */
export class PairTable {
  #left: Int32Array
  #right: Int32Array
  #values: Int32Array
  #mask: number
  #size = 0

  constructor(expected: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * expected)))
    this.#mask = slots - 1
    this.#left = new Int32Array(slots).fill(-1)
    this.#right = new Int32Array(slots)
    this.#values = new Int32Array(slots)
  }

  #slot(left: number, right: number): number {
    let slot = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    slot = (slot ^ (slot >>> 15)) & this.#mask
    while (this.#left[slot] !== -1 && !(this.#left[slot] === left && this.#right[slot] === right)) {
      slot = (slot + 1) & this.#mask
    }
    return slot
  }

  /** The value of a pair, or -1. */
  get(left: number, right: number): number {
    const slot = this.#slot(left, right)
    return this.#left[slot] === -1 ? -1 : (this.#values[slot] as number)
  }

  set(left: number, right: number, value: number): void {
    if (2 * (this.#size + 1) > this.#mask) this.#grow()
    const slot = this.#slot(left, right)
    if (this.#left[slot] === -1) this.#size++
    this.#left[slot] = left
    this.#right[slot] = right
    this.#values[slot] = value
  }

  #grow(): void {
    const larger = new PairTable(2 * this.#size + 2)
    for (const [slot, left] of this.#left.entries()) {
      if (left !== -1) larger.set(left, this.#right[slot] as number, this.#values[slot] as number)
    }
    this.#left = larger.#left
    this.#right = larger.#right
    this.#values = larger.#values
    this.#mask = larger.#mask
  }
}
