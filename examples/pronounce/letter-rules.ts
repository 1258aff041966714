/** The most phonemes that a letter gives: `x` gives K S. */
const most = 2
/** How many letters on both sides a rule sees, the widest first. */
const widths = [3, 2, 1, 0] as const
/** How often its letters have to have been seen in this surrounding. */
const leastCount = 2

type Counts = Map<string, Map<string, number>>

/**
 * Letter-to-sound rules: what a letter gives is what it gave most often among the same neighbours; where those have not been
 * seen, among fewer.
 *
 * Which letter gives which phonemes is not said in a dictionary: it is found by aligning each word in its most probable way
 * under the letters' counts, and counting anew (Black, Lenzo and Pagel 1998, "Issues in building general letter to sound
 * rules", which grow trees from such an alignment).
 */
export class LetterRules {
  readonly #rules: ReadonlyMap<string, string>

  constructor(words: readonly (readonly [word: string, phonemes: string])[], rounds = 4) {
    let counts: Counts | undefined
    const pairs = words
      .map(([word, phonemes]) => [word, phonemes.split(' ')] as const)
      .filter(([word, phonemes]) => phonemes.length <= most * word.length)
    let aligned: (readonly string[])[] = []
    for (let round = 0; round < rounds; round++) {
      const cost = costsOf(counts)
      aligned = pairs.map(([word, phonemes]) => align(word, phonemes, cost))
      counts = new Map()
      for (const [i, [word]] of pairs.entries())
        for (const [j, given] of aligned[i]?.entries() ?? []) count(counts, word[j] as string, given)
    }
    const seen: Counts = new Map()
    for (const [i, [word]] of pairs.entries()) {
      for (const [j, given] of aligned[i]?.entries() ?? [])
        for (const width of widths) count(seen, surrounding(word, j, width), given)
    }
    const rules = new Map<string, string>()
    for (const [letters, given] of seen) {
      const [best, all] = mostFrequent(given)
      if (all >= leastCount) rules.set(letters, best)
    }
    this.#rules = rules
  }

  /** The phonemes of a word, with a blank between them. */
  pronounce(word: string): string {
    return [...word]
      .map((_, i) => {
        for (const width of widths) {
          const given = this.#rules.get(surrounding(word, i, width))
          if (given !== undefined) return given
        }
        return ''
      })
      .filter((given) => given !== '')
      .join(' ')
  }
}

function count(counts: Counts, key: string, given: string): void {
  const ofKey = counts.get(key) ?? new Map<string, number>()
  ofKey.set(given, (ofKey.get(given) ?? 0) + 1)
  counts.set(key, ofKey)
}

function mostFrequent(given: ReadonlyMap<string, number>): readonly [best: string, all: number] {
  let [best, highest, all] = ['', 0, 0]
  for (const [phonemes, times] of given) {
    all += times
    if (times > highest) [best, highest] = [phonemes, times]
  }
  return [best, all]
}

function surrounding(word: string, at: number, width: number): string {
  const padded = `${'_'.repeat(width)}${word}${'_'.repeat(width)}`
  return padded.slice(at, at + 2 * width + 1)
}

type Cost = (letter: string, given: string) => number

/** −log p of what a letter gives. In the first round, one phoneme is likelier than none and than two. */
function costsOf(counts: Counts | undefined): Cost {
  if (counts === undefined) return (_, given) => (given === '' ? 2 : given.includes(' ') ? 3 : 1)
  const totals = new Map([...counts].map(([letter, given]) => [letter, mostFrequent(given)[1]]))
  return (letter, given) =>
    -Math.log(((counts.get(letter)?.get(given) ?? 0) + 0.01) / ((totals.get(letter) ?? 0) + 1))
}

/** What each letter gives, by the cheapest way through all cuts of the phonemes (Viterbi). */
function align(word: string, phonemes: readonly string[], cost: Cost): readonly string[] {
  // cheapest[i][j]: the first i letters give the first j phonemes.
  const cheapest = [[0, ...phonemes.map(() => Number.POSITIVE_INFINITY)]]
  const taken: number[][] = [[]]
  for (let i = 1; i <= word.length; i++) {
    const [row, from]: [number[], number[]] = [[], []]
    for (let j = 0; j <= phonemes.length; j++) {
      let [best, by] = [Number.POSITIVE_INFINITY, 0]
      for (let n = 0; n <= Math.min(most, j); n++) {
        const before = cheapest[i - 1]?.[j - n] ?? Number.POSITIVE_INFINITY
        if (before === Number.POSITIVE_INFINITY) continue
        const total = before + cost(word[i - 1] as string, phonemes.slice(j - n, j).join(' '))
        if (total < best) [best, by] = [total, n]
      }
      row.push(best)
      from.push(by)
    }
    cheapest.push(row)
    taken.push(from)
  }
  const given: string[] = []
  for (let [i, j] = [word.length, phonemes.length]; i > 0; i--) {
    const n = taken[i]?.[j] ?? 0
    given.unshift(phonemes.slice(j - n, j).join(' '))
    j -= n
  }
  return given
}
