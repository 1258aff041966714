/**
 * A text that was changed on its way to the model, and for each of its UTF-16 units the place in the original that it is from.
 * Pieces of it share the places.
 */
export class AlignedText {
  readonly text: string
  /** The unit of the original, or of the places, at which this begins. */
  readonly #from: number
  /** Where the character begins that a unit is from; undefined while nothing has moved. */
  readonly #starts: Int32Array | undefined
  /** Where it ends. */
  readonly #ends: Int32Array | undefined

  constructor(text: string, from = 0, starts?: Int32Array, ends?: Int32Array) {
    this.text = text
    this.#from = from
    this.#starts = starts
    this.#ends = ends
  }

  /** Where in the original the character begins that stands at a unit. */
  start(unit: number): number {
    const at = this.#from + unit
    return this.#starts === undefined ? at : (this.#starts[at] as number)
  }

  /** Where in the original the character ends that ends before a unit. */
  end(unit: number): number {
    const at = this.#from + unit
    return this.#ends === undefined ? at : (this.#ends[at - 1] as number)
  }

  slice(from: number, to: number): AlignedText {
    if (from === 0 && to === this.text.length) return this
    return new AlignedText(this.text.slice(from, to), this.#from + from, this.#starts, this.#ends)
  }

  /** Another text of the same length, unit by unit. */
  withText(text: string): AlignedText {
    return new AlignedText(text, this.#from, this.#starts, this.#ends)
  }
}

/** How many units the character at a place has. */
export const unitsAt = (text: string, at: number): 1 | 2 =>
  (text.codePointAt(at) as number) > 0xffff ? 2 : 1

/** Whether a unit is the second half of a character. */
export const isLowHalf = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00

/** Writes a new text from an old one, character by character, with their places. */
export class Rewriter {
  readonly #source: AlignedText
  #text = ''
  #starts: Int32Array
  #ends: Int32Array

  constructor(source: AlignedText) {
    this.#source = source
    this.#starts = new Int32Array(source.text.length + 16)
    this.#ends = new Int32Array(source.text.length + 16)
  }

  #reserve(units: number): number {
    const at = this.#text.length
    if (at + units > this.#starts.length) {
      const [starts, ends] = [this.#starts, this.#ends]
      this.#starts = new Int32Array(2 * (at + units))
      this.#ends = new Int32Array(2 * (at + units))
      this.#starts.set(starts)
      this.#ends.set(ends)
    }
    return at
  }

  /** Text that takes the place of the character at a unit of the source; -1: of none, which is the text's beginning. */
  put(text: string, unit: number): void {
    const at = this.#reserve(text.length)
    const start = unit < 0 ? 0 : this.#source.start(unit)
    const end = unit < 0 ? 0 : this.#source.end(unit + unitsAt(this.#source.text, unit))
    this.#starts.fill(start, at, at + text.length)
    this.#ends.fill(end, at, at + text.length)
    this.#text += text
  }

  /** What stands from one unit of the source to another. */
  keep(from: number, to: number): void {
    const at = this.#reserve(to - from)
    const { text } = this.#source
    for (let i = from; i < to; ) {
      const units = unitsAt(text, i)
      const [start, end] = [this.#source.start(i), this.#source.end(i + units)]
      for (const stop = i + units; i < stop; i++) {
        this.#starts[at + i - from] = start
        this.#ends[at + i - from] = end
      }
    }
    this.#text += text.slice(from, to)
  }

  finish(): AlignedText {
    return new AlignedText(this.#text, 0, this.#starts, this.#ends)
  }
}

/** A character of a changed text: 0: in place of the next one; 1: added; -n: in place of the next one and of n after it. */
export type Change = readonly [character: string, change: number]

/**
 * Gives a text other characters, each with its place as Python's `tokenizers` counts it: a character that was added has the
 * place of the one before it.
 */
export function transformed(source: AlignedText, changes: Iterable<Change>): AlignedText {
  const out = new Rewriter(source)
  const { text } = source
  let at = 0
  let before = -1
  const step = () => {
    before = at
    at += unitsAt(text, at)
  }
  for (const [character, change] of changes) {
    out.put(character, change > 0 || at >= text.length ? before : at)
    for (let n = change > 0 ? 0 : 1 - change; n > 0 && at < text.length; n--) step()
  }
  return out.finish()
}
