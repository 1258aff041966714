/** A set of ids, a bit for each. */
export class TokenSet {
  readonly size: number
  readonly words: Uint32Array

  /** @param size ids are below this. */
  constructor(size: number) {
    this.size = size
    this.words = new Uint32Array((size + 31) >>> 5)
  }

  has(id: number): boolean {
    return (((this.words[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1
  }

  add(id: number): void {
    const place = id >>> 5
    this.words[place] = (this.words[place] as number) | (1 << (id & 31))
  }

  addAll(other: TokenSet): void {
    for (let i = 0; i < this.words.length; i++)
      this.words[i] = (this.words[i] as number) | (other.words[i] as number)
  }

  /** The ids, in order. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.words.length; i++)
      for (let word = this.words[i] as number; word !== 0; word &= word - 1)
        yield 32 * i + 31 - Math.clz32(word & -word)
  }

  get isEmpty(): boolean {
    return this.words.every((word) => word === 0)
  }
}
