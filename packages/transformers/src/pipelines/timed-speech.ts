import { joinOverlapping } from './join-overlapping.ts'
import { roundHalfEven } from './sound-chunks.ts'
import { spokenWords } from './spoken-words.ts'

/** What was said between two moments. */
export interface TimedText {
  readonly text: string
  /** Seconds from the sound's beginning. Null for one that the model did not tell, as the end of a sound that is cut off. */
  readonly timestamp: readonly [number | null, number | null]
}

/** What Whisper wrote of a sound, or of a piece of one. */
export interface WrittenPart {
  /** Words and times, without what stands in front of them. */
  readonly ids: readonly number[]
  /** When each of them was said, in seconds from the piece's beginning, where that is known. */
  readonly spans?: readonly Span[]
  /** Of a piece: its length, and how much of its beginning and of its end its neighbours hear as well, in seconds. */
  readonly stride?: readonly [length: number, left: number, right: number]
}

export type Span = readonly [from: number, to: number]

/** A token of a text, and when it was said, in seconds from the sound's beginning. */
interface SpokenToken {
  readonly id: number
  readonly span?: Span
}

/** Tokens between two times. */
interface SpokenTokens {
  readonly tokens: readonly SpokenToken[]
  readonly timestamp: TimedText['timestamp']
}

export interface TimeScale {
  /** The id of the time 0; infinite for a model without times. */
  readonly firstTime: number
  /** Seconds from one time to the next. */
  readonly step: number
  /** Seconds that the model hears at once. */
  readonly window: number
}

/**
 * Texts between times, from what was written of a sound's pieces.
 *
 * @param decode the text of tokens.
 * @returns all of it in its order; a single text without times where there are none.
 */
export function timedTexts(
  parts: readonly WrittenPart[],
  scale: TimeScale,
  decode: (ids: readonly number[]) => string,
): readonly TimedText[] {
  return spokenTokens(parts, scale).map(({ tokens, timestamp }) => ({
    text: decode(tokens.map(({ id }) => id)),
    timestamp,
  }))
}

/**
 * The same with a word each, by the tokens' own times.
 *
 * @param parts with `spans`.
 * @param language what is spoken, as `zh`.
 * @returns the whole text, and its words.
 */
export function timedWords(
  parts: readonly WrittenPart[],
  scale: TimeScale,
  decode: (ids: readonly number[]) => string,
  language?: string,
): { readonly text: string; readonly words: readonly TimedText[] } {
  const lists = spokenTokens(parts, scale).map(({ tokens }) => ({ tokens, ids: tokens.map(({ id }) => id) }))
  return {
    text: lists.map(({ ids }) => decode(ids)).join(''),
    words: lists.flatMap(({ tokens, ids }) =>
      spokenWords(ids, decode, language).map(({ text, first, last }) => ({
        text,
        timestamp: [tokens[first]?.span?.[0] ?? null, tokens[last]?.span?.[1] ?? null] as const,
      })),
    ),
  }
}

/**
 * Tokens between times. Times in the overlap of two pieces are left out: the words on both sides of them are joined where they
 * are equal. As `_decode_asr` of Hugging Face has it.
 */
function spokenTokens(parts: readonly WrittenPart[], scale: TimeScale): readonly SpokenTokens[] {
  const { firstTime, step } = scale
  const texts: SpokenTokens[] = []
  /** When the text that is open began. */
  let start: number | null = null
  /** The words of it, of each piece that it is heard in. */
  let waiting: (readonly SpokenToken[])[] = []
  /** Whether the next time is the other one of two of which the first was left out. */
  let skips = false
  /** Seconds in front of the piece. */
  let offset = 0
  const close = (words: readonly (readonly SpokenToken[])[], end: number | null) => {
    texts.push({ tokens: joinOverlapping(words, maySame), timestamp: [start, end] })
    start = null
    waiting = []
  }
  for (const { ids, spans, stride } of parts) {
    const [length, left, right] = stride ?? [0, 0, 0]
    offset -= left
    const firstHeard = firstTime + left / step
    const leftOut = right > 0 ? firstInOverlap(ids, scale, length - right) : undefined
    const passed = new PassedSegments(ids, scale)
    let words: SpokenToken[] = []
    for (const [i, id] of ids.entries()) {
      if (id < firstTime) {
        const span = spans?.[i]
        words.push(
          span === undefined
            ? { id }
            : { id, span: [hundredths(span[0] + offset), hundredths(span[1] + offset)] },
        )
        continue
      }
      const time = hundredths((id - firstTime) * step + offset + passed.before(i))
      if (leftOut !== undefined && id >= leftOut) skips = true
      else if (skips || (waiting.length > 0 && id < firstHeard)) skips = false
      else if (start === null) start = time
      else if (time !== start) {
        close([...waiting, words], time)
        words = []
      }
    }
    offset += length - right
    if (words.length > 0) waiting.push(words)
    else if (waiting.every((list) => list.length === 0)) {
      start = null
      waiting = []
    }
  }
  if (waiting.length > 0) close(waiting, null)
  return texts
}

/** Whether what was heard on the left may be what was heard on the right: the same word, and no later. */
function maySame(left: SpokenToken, right: SpokenToken): boolean {
  if (left.id !== right.id) return false
  if (left.span === undefined || right.span === undefined) return true
  const [[from, to], [rightFrom, rightTo]] = [left.span, right.span]
  return from < rightFrom || (from === rightFrom && to <= rightTo)
}

/** The first of the times at a piece's end that its neighbour hears as well; the last one always is such. */
function firstInOverlap(
  ids: readonly number[],
  { firstTime, step }: TimeScale,
  from: number,
): number | undefined {
  let found: number | undefined
  for (const id of ids.toReversed()) {
    if (id < firstTime) continue
    if (found !== undefined && (id - firstTime) * step < from) break
    found = id
  }
  return found
}

/**
 * Seconds in front of each time of a sound that was heard window by window, whose times begin anew with each: a window that
 * ended on one time was heard whole, one that ended on two up to them.
 */
class PassedSegments {
  readonly #ids: readonly number[]
  readonly #scale: TimeScale
  #passed = 0
  #latest = 0
  #secondLatest = 0

  constructor(ids: readonly number[], scale: TimeScale) {
    this.#ids = ids
    this.#scale = scale
  }

  /** Of the time at a place; to be called for all, in their order. */
  before(i: number): number {
    const { firstTime, step, window } = this.#scale
    const isTime = (at: number) => (this.#ids[at] as number) >= firstTime
    const time = ((this.#ids[i] as number) - firstTime) * step
    if (time < this.#latest) {
      const endedOnOne = i >= 2 && !(isTime(i - 1) && isTime(i - 2))
      this.#passed += endedOnOne ? window : this.#secondLatest
      if (!endedOnOne) this.#latest = this.#secondLatest
    }
    this.#secondLatest = this.#latest
    this.#latest = time
    return this.#passed
  }
}

/** To two digits, as Python rounds: what is halfway exactly, which eighths alone are, to the even one. */
function hundredths(seconds: number): number {
  const eighths = seconds * 8
  const isHalfway = Number.isInteger(eighths) && eighths % 2 !== 0
  return isHalfway ? roundHalfEven(seconds * 100) / 100 : Number(seconds.toFixed(2))
}
