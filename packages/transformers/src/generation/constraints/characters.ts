/** Characters as ranges of code points, first and last, in ascending order, that neither overlap nor touch. */
export type CharacterSet = readonly (readonly [number, number])[]

export const lastCharacter = 0x10ffff

/** Sorts and joins ranges. */
export function characterSet(ranges: readonly (readonly [number, number])[]): CharacterSet {
  const sorted = ranges.filter(([first, last]) => first <= last).sort((a, b) => a[0] - b[0])
  const joined: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = joined.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else joined.push([first, last])
  }
  return joined
}

/** The characters of a text. */
export const charactersOf = (text: string): CharacterSet =>
  characterSet(
    Array.from(text, (character) => {
      const point = character.codePointAt(0) as number
      return [point, point] as const
    }),
  )

export function complement(set: CharacterSet): CharacterSet {
  const rest: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1])
    next = last + 1
  }
  if (next <= lastCharacter) rest.push([next, lastCharacter])
  return rest
}

export const union = (...sets: readonly CharacterSet[]): CharacterSet => characterSet(sets.flat())

export const intersection = (a: CharacterSet, b: CharacterSet): CharacterSet =>
  complement(union(complement(a), complement(b)))

export const anyCharacter: CharacterSet = [[0, lastCharacter]]

/** The first and last byte at each place of a character's encoding. */
export type ByteRanges = readonly (readonly [number, number])[]

/** Last code points of one, two, three and four bytes. */
const lastOfLength = [0x7f, 0x7ff, 0xffff, lastCharacter] as const
const surrogates: CharacterSet = [[0xd800, 0xdfff]]

/**
 * Encodings of a set in UTF-8 as products of ranges of bytes (as in RE2's compiler, after Thompson's): [0x80, 0x7ff] is
 * [c2–df][80–bf]. Halves of surrogate pairs have none.
 */
export function utf8Ranges(set: CharacterSet): ByteRanges[] {
  const found: ByteRanges[] = []
  for (const [first, last] of intersection(set, complement(surrogates))) {
    let start = first
    for (const end of lastOfLength) {
      if (start > end) continue
      if (start > last) break
      splitRange(start, Math.min(last, end), found)
      start = end + 1
    }
  }
  return found
}

/** Splits a range of characters whose encodings are equally long until each part is a product. */
function splitRange(first: number, last: number, found: ByteRanges[]): void {
  const [low, high] = [encoded(first), encoded(last)]
  // The lower i bytes have to run through all that they can, unless what is above them is one and the same.
  for (let i = 1; i < low.length; i++) {
    const rest = 2 ** (6 * i) - 1
    if (Math.floor(first / (rest + 1)) === Math.floor(last / (rest + 1))) continue
    if ((first & rest) !== 0) {
      splitRange(first, first | rest, found)
      splitRange((first | rest) + 1, last, found)
      return
    }
    if ((last & rest) !== rest) {
      splitRange(first, (last & ~rest) - 1, found)
      splitRange(last & ~rest, last, found)
      return
    }
  }
  found.push(low.map((byte, i) => [byte, high[i] as number] as const))
}

/** The bytes of a character. */
function encoded(point: number): number[] {
  if (point < 0x80) return [point]
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  const bytes: number[] = []
  let rest = point
  for (let i = 1; i < length; i++) {
    bytes.unshift(0x80 | (rest & 0x3f))
    rest >>>= 6
  }
  return [((0xf00 >> length) & 0xff) | rest, ...bytes]
}
