import { ArgumentError } from 'typegrad/core'
import { tokenIds } from '../sampling/argument.ts'

/** What a vocabulary's tokens are as text. */
export interface VocabularyOptions {
  /** Tokens that end a text: allowed where it may end, whatever their bytes. */
  readonly endTokens: number | readonly number[]
}

/**
 * The tokens of a vocabulary by their bytes, as a tree in which tokens that begin alike share a path: what cannot follow is
 * ruled out for all of them at once.
 *
 * Nodes are numbered so that each stands before what is below it (preorder).
 */
export class Vocabulary {
  /** Number of ids. */
  readonly size: number
  readonly endTokens: readonly number[]
  readonly #bytes: readonly (Uint8Array | undefined)[]
  /** The byte that leads to each node; of the root 0. */
  readonly byte: Uint8Array
  readonly depth: Uint16Array
  /** The first node behind all that is below. */
  readonly end: Uint32Array
  /** The last token with the bytes that lead here, or −1, and for each token the one before with the same bytes. */
  readonly token: Int32Array
  readonly before: Int32Array

  /**
   * @param tokens the bytes of each id, in order; undefined (or none) for one that is no text, such as a control token,
   * which is never allowed.
   * @throws ArgumentError where there are none, or where end tokens are not among the ids.
   * @example
   * const encoder = new TextEncoder()
   * const vocabulary = new Vocabulary(['a', 'b', 'ab', ''].map((word) => encoder.encode(word)), { endTokens: 3 })
   */
  constructor(tokens: readonly (Uint8Array | undefined)[], { endTokens }: VocabularyOptions) {
    this.size = tokens.length
    this.endTokens = tokenIds('Vocabulary: endTokens', endTokens)
    const wrong = this.endTokens.filter((id) => id >= tokens.length)
    if (wrong.length > 0 || this.endTokens.length === 0)
      throw new ArgumentError({
        where: 'Vocabulary: endTokens',
        expected: `at least one id below ${tokens.length}`,
        received: wrong.join(', ') || 'none',
      })
    this.#bytes = tokens
    const ends = new Set(this.endTokens)
    const ids = tokens.flatMap((bytes, id) =>
      bytes !== undefined && bytes.length > 0 && !ends.has(id) ? [id] : [],
    )
    // As texts of one unit a byte, which engines compare faster than arrays, and in the same order.
    const keys = new Map(ids.map((id) => [id, Array.from(this.bytesOf(id), unit).join('')]))
    ids.sort((a, b) => inOrder(keys.get(a) ?? '', keys.get(b) ?? ''))
    const [byte, depth, end, token] = [[0], [0], [0], [-1]]
    this.before = new Int32Array(tokens.length).fill(-1)
    /** Nodes that lead to the last token. */
    const path = [0]
    let last = new Uint8Array()
    for (const id of ids) {
      const bytes = this.bytesOf(id)
      let shared = 0
      while (shared < last.length && shared < bytes.length && last[shared] === bytes[shared]) shared += 1
      for (const node of path.splice(shared + 1)) end[node] = byte.length
      for (let i = shared; i < bytes.length; i++) {
        path.push(byte.length)
        byte.push(bytes[i] as number)
        depth.push(i + 1)
        end.push(0)
        token.push(-1)
      }
      const node = path.at(-1) as number
      this.before[id] = token[node] as number
      token[node] = id
      last = bytes
    }
    for (const node of path) end[node] = byte.length
    this.byte = Uint8Array.from(byte)
    this.depth = Uint16Array.from(depth)
    this.end = Uint32Array.from(end)
    this.token = Int32Array.from(token)
  }

  /** The bytes of a token; none for one that is no text. */
  bytesOf(id: number): Uint8Array<ArrayBuffer> {
    return (this.#bytes[id] ?? none) as Uint8Array<ArrayBuffer>
  }
}

const none = new Uint8Array()

const unit = (byte: number): string => String.fromCharCode(byte)
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
