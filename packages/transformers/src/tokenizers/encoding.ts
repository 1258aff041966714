/** Which tokens of a text stand in an encoding, counted from the text's first: all of them, or a window of them. */
export interface TokenRange {
  /** 0 for the text, 1 for the second of a pair. */
  readonly sequence: number
  readonly start: number
  readonly end: number
}

/** Which end of a text is cut off, or filled up. */
export type Side = 'left' | 'right'

/** A text, or a pair of them, as a model takes it: a number for each token in each list. */
export class Encoding {
  readonly ids: number[] = []
  readonly tokens: string[] = []
  /** Which text of a pair each is of, as the model was trained to see it. */
  typeIds: number[] = []
  /** Where in its text each begins, in UTF-16 units, as `text.slice` counts; 0 for special tokens. */
  readonly starts: number[] = []
  /** Where each ends. */
  readonly ends: number[] = []
  /** The piece of the text before the model that each is of; null for special tokens. */
  readonly wordIds: (number | null)[] = []
  /** 0 for tokens of the text, 1 for those of a pair's second, null for special tokens. */
  readonly sequenceIds: (number | null)[] = []
  /** 1 for what the tokenizer added to the text. */
  readonly specialTokensMask: number[] = []
  /** 0 for padding. */
  readonly attentionMask: number[] = []
  /** What was cut off: the windows that follow this one, each with special tokens of its own. */
  overflowing: Encoding[] = []
  /** Which of the text's tokens these are. */
  ranges: readonly TokenRange[] = []

  /** How many tokens there are. */
  get length(): number {
    return this.ids.length
  }

  /** Where in its text each token stands, in UTF-16 units: `text.slice(start, end)`. */
  get offsets(): readonly (readonly [number, number])[] {
    return this.starts.map((start, i) => [start, this.ends[i] as number])
  }

  push(id: number, token: string, place: TokenPlace): void {
    this.ids.push(id)
    this.tokens.push(token)
    this.typeIds.push(place.typeId)
    this.starts.push(place.start)
    this.ends.push(place.end)
    this.wordIds.push(place.wordId)
    this.sequenceIds.push(place.sequenceId)
    this.specialTokensMask.push(place.isSpecial ? 1 : 0)
    this.attentionMask.push(1)
  }

  /** The token at a unit of a text, or the next one within the text; undefined behind the last one. */
  tokenAt(unit: number, sequence = 0): number | undefined {
    const found = this.ends.findIndex((end, i) => this.sequenceIds[i] === sequence && end > unit)
    return found < 0 ? undefined : found
  }

  #lists(): Lists {
    const { ids, tokens, typeIds, starts, ends, wordIds, sequenceIds, specialTokensMask, attentionMask } =
      this
    return [ids, tokens, typeIds, starts, ends, wordIds, sequenceIds, specialTokensMask, attentionMask]
  }

  slice(from: number, to: number): Encoding {
    const out = new Encoding()
    const lists = this.#lists()
    for (const [i, list] of out.#lists().entries()) append(list, (lists[i] as unknown[]).slice(from, to))
    out.ranges = this.ranges.map(({ sequence, start }) => ({
      sequence,
      start: start + from,
      end: start + to,
    }))
    return out
  }

  /** Adds another one's tokens. */
  append(other: Encoding): void {
    const lists = other.#lists()
    for (const [i, list] of this.#lists().entries()) append(list, lists[i] as unknown[])
    this.ranges = [...this.ranges, ...other.ranges]
  }

  /** This and another one after it; what was cut off of either goes with what stands here of the other, and with each other. */
  followedBy(other: Encoding): Encoding {
    const out = new Encoding()
    out.append(this)
    out.append(other)
    out.overflowing = [
      ...this.overflowing.flatMap((one) => [other, ...other.overflowing].map((rest) => alone(one, rest))),
      ...other.overflowing.map((rest) => alone(this, rest)),
    ]
    return out
  }

  /** The same with another type for all of its tokens, and of what was cut off. */
  setType(typeId: number): void {
    this.typeIds.fill(typeId)
    for (const one of this.overflowing) one.setType(typeId)
  }

  /**
   * Windows of at most `most` tokens; each begins `stride` tokens before the last one's end. The first of them, with the others
   * as its overflow; from the left, the first is the last in the text.
   */
  truncated(most: number, stride: number, side: Side): Encoding {
    if (this.length <= most) return this
    const windows: Encoding[] = []
    if (most === 0) {
      const empty = this.slice(0, 0)
      empty.overflowing = [this]
      return empty
    }
    const step = most - stride
    for (let at = 0; at < this.length; at += step) {
      const [from, to] =
        side === 'right'
          ? [at, Math.min(at + most, this.length)]
          : [Math.max(0, this.length - at - most), this.length - at]
      windows.push(this.slice(from, to))
      if (side === 'right' ? to === this.length : from === 0) break
    }
    const [first, ...rest] = windows as [Encoding, ...Encoding[]]
    first.overflowing = rest
    return first
  }

  /** Fills up to a length, and what was cut off too. */
  pad(length: number, { id, token, typeId, side }: Padding): void {
    for (const one of this.overflowing) one.pad(length, { id, token, typeId, side })
    const count = length - this.length
    if (count <= 0) return
    const fill = [id, token, typeId, 0, 0, null, null, 1, 0]
    for (const [i, list] of this.#lists().entries()) {
      const added: unknown[] = new Array(count).fill(fill[i])
      if (side === 'left') (list as unknown[]).unshift(...added)
      else append(list, added)
    }
  }
}

export interface TokenPlace {
  readonly typeId: number
  readonly start: number
  readonly end: number
  readonly wordId: number | null
  readonly sequenceId: number | null
  readonly isSpecial?: boolean
}

export interface Padding {
  readonly id: number
  readonly token: string
  readonly typeId: number
  readonly side: Side
}

type Lists = readonly unknown[][]

function append(list: unknown[], more: readonly unknown[]): void {
  for (const item of more) list.push(item)
}

function alone(a: Encoding, b: Encoding): Encoding {
  const out = a.followedBy(b)
  out.overflowing = []
  return out
}

/** One after the other. */
export function concatenated(list: readonly Encoding[]): Encoding {
  if (list.every(({ overflowing }) => overflowing.length === 0)) {
    const out = new Encoding()
    for (const one of list) out.append(one)
    return out
  }
  const [first = new Encoding(), ...rest] = list
  return rest.reduce((before, one) => before.followedBy(one), first)
}
