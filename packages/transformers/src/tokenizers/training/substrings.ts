/** A text that stands several times within others. */
export interface Repeated {
  readonly text: string
  /** How many times. */
  readonly count: number
}

/**
 * The substrings of some words, of 2 to `longest` characters, that stand at least twice and that different characters follow:
 * the inner nodes of the suffix tree of all words, by its suffix array (Kasai et al., 2001, for the common prefixes; Abouelhoda
 * et al., "Replacing suffix trees with enhanced suffix arrays", 2004, for the nodes).
 */
export function repeatedSubstrings(words: Iterable<string>, longest: number): readonly Repeated[] {
  const flat: number[] = []
  for (const word of words) {
    for (const character of word) flat.push(character.codePointAt(0) as number)
    flat.push(0)
  }
  const characters = Int32Array.from(flat)
  const size = characters.length
  /** How many characters two suffixes share; one more than the longest stands for any that are more. */
  const shared = (a: number, b: number): number => {
    let length = 0
    while (
      length <= longest &&
      a + length < size &&
      b + length < size &&
      characters[a + length] === characters[b + length]
    ) {
      length++
    }
    return length
  }
  const suffixes = Int32Array.from({ length: size }, (_, i) => i).sort((a, b) => {
    const length = shared(a, b)
    return length > longest ? a - b : (characters[a + length] ?? -1) - (characters[b + length] ?? -1)
  })

  const found: Repeated[] = []
  const add = (length: number, from: number, to: number) => {
    if (length < 2 || length > longest) return
    const start = suffixes[from] as number
    const text = characters.subarray(start, start + length)
    if (!text.includes(0)) found.push({ text: String.fromCodePoint(...text), count: to - from })
  }
  // Stretches of suffixes that share a beginning, by its length, each within the one before.
  const open: { readonly length: number; readonly from: number }[] = [{ length: 0, from: 0 }]
  for (let i = 1; i <= size; i++) {
    const length = i < size ? shared(suffixes[i - 1] as number, suffixes[i] as number) : 0
    let from = i - 1
    for (let top = open.at(-1); top !== undefined && length < top.length; top = open.at(-1)) {
      add(top.length, top.from, i)
      from = top.from
      open.pop()
    }
    if (length > (open.at(-1)?.length ?? 0)) open.push({ length, from })
  }
  return found
}
