/**
 * `generation/stopping/`: when a text that is being written ends. It knows typegrad's errors alone.
 */
import { ArgumentError } from 'typegrad/core'

/** What a reader may see of a text that is being written, and whether it has ended. */
export interface Released {
  /** Text that no stop string can begin in any more. */
  readonly text: string
  /** The stop string at which the text ended; undefined while it goes on. */
  readonly stop: string | undefined
}

/**
 * Ends a streamed text before the first of several strings, wherever pieces are cut: what may be the beginning of one is
 * held back until it is clear that it is none.
 *
 * Of strings that end at the same place the longest counts, so that none of it is seen.
 *
 * @example
 * const stops = new StopStrings(['</answer>'])
 * stops.push('It is 4.</ans').text // 'It is 4.'
 * stops.push('wer> And').stop // '</answer>'
 */
export class StopStrings {
  readonly #stops: readonly string[]
  #held = ''
  #stop: string | undefined

  /**
   * @param stops none of them empty.
   * @throws ArgumentError for an empty one.
   */
  constructor(stops: readonly string[]) {
    if (stops.some((stop) => typeof stop !== 'string' || stop === ''))
      throw new ArgumentError({
        where: 'StopStrings',
        expected: 'texts of at least one character',
        received: JSON.stringify(stops),
      })
    this.#stops = stops
  }

  /** Takes the next piece. After the end pieces are dropped. */
  push(piece: string): Released {
    if (this.#stop !== undefined) return { text: '', stop: this.#stop }
    const text = this.#held + piece
    const found = this.#first(text)
    if (found !== undefined) {
      this.#held = ''
      this.#stop = found.stop
      return { text: text.slice(0, found.at), stop: found.stop }
    }
    const kept = Math.max(0, ...this.#stops.map((stop) => overlap(text, stop)))
    this.#held = text.slice(text.length - kept)
    return { text: text.slice(0, text.length - kept), stop: undefined }
  }

  /** What was held back, where the text ends otherwise. */
  flush(): string {
    const text = this.#held
    this.#held = ''
    return text
  }

  /** The stop string that is whole first; of several that end there the longest. */
  #first(text: string): { readonly at: number; readonly stop: string } | undefined {
    const found = this.#stops.flatMap((stop) => {
      const at = text.indexOf(stop)
      return at < 0 ? [] : [{ at, stop }]
    })
    return found.sort((a, b) => a.at + a.stop.length - b.at - b.stop.length || a.at - b.at)[0]
  }
}

/** How many characters at the end of a text begin another one, all of which it has not. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return length
  return 0
}
