/**
 * Porter's stemmer with NLTK's changes, which rouge-score uses: English words without their endings, so that `generations`
 * and `generate` are the same.
 *
 * Porter 1980, An algorithm for suffix stripping, https://tartarus.org/martin/PorterStemmer/
 */

/** Words whose stems the rules would get wrong. */
const irregular: ReadonlyMap<string, string> = new Map([
  ...[['skies', 'sky'] as const, ['sky', 'sky'] as const],
  ...['die', 'lie', 'tie'].map((stem) => [`${stem[0]}ying`, stem] as const),
  ...['inning', 'outing', 'canning'].flatMap((stem) => [[stem, stem] as const, [`${stem}s`, stem] as const]),
  ...['news', 'howe', 'proceed', 'exceed', 'succeed'].map((stem) => [stem, stem] as const),
])

const isVowel = (letter: string): boolean => 'aeiou'.includes(letter)

/** A `c` for each consonant and a `v` for each vowel; `y` is a vowel after a consonant. */
function kindsOf(word: string): string {
  let kinds = ''
  for (const letter of word) {
    const consonant = letter === 'y' ? !kinds.endsWith('c') : !isVowel(letter)
    kinds += consonant ? 'c' : 'v'
  }
  return kinds
}

/** How many times a vowel is followed by a consonant: Porter's m. */
const measure = (stem: string): number => kindsOf(stem).split('vc').length - 1

const hasVowel = (stem: string): boolean => kindsOf(stem).includes('v')

const isConsonantAt = (word: string, index: number): boolean => kindsOf(word).at(index) === 'c'

/** Porter's *o: a short syllable at the end, as in hop; NLTK adds words of two letters such as at. */
const endsShort = (word: string): boolean =>
  (kindsOf(word).endsWith('cvc') && !'wxy'.includes(word.at(-1) as string)) || kindsOf(word) === 'vc'

const endsDouble = (word: string): boolean =>
  word.length >= 2 && word.at(-1) === word.at(-2) && isConsonantAt(word, -1)

type Rule = readonly [suffix: string, by: string, condition?: (stem: string) => boolean]

const withoutSuffix = (word: string, suffix: string): string => word.slice(0, word.length - suffix.length)

/** The first rule whose suffix a word has decides, even if its condition says no. */
function applied(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix))
  if (rule === undefined) return word
  const [suffix, by, condition] = rule
  const stem = withoutSuffix(word, suffix)
  return condition === undefined || condition(stem) ? stem + by : word
}

/** Plurals. */
function step1a(word: string): string {
  if (word.length === 4 && word.endsWith('ies')) return `${withoutSuffix(word, 'ies')}ie`
  return applied(word, [
    ['sses', 'ss'],
    ['ies', 'i'],
    ['ss', 'ss'],
    ['s', ''],
  ])
}

/** Past tenses and participles. */
function step1b(word: string): string {
  if (word.endsWith('ied')) return withoutSuffix(word, 'ied') + (word.length === 4 ? 'ie' : 'i')
  if (word.endsWith('eed')) return applied(word, [['eed', 'ee', (stem) => measure(stem) > 0]])
  const suffix = ['ed', 'ing'].find((one) => word.endsWith(one) && hasVowel(withoutSuffix(word, one)))
  if (suffix === undefined) return word
  const stem = withoutSuffix(word, suffix)
  if (['at', 'bl', 'iz'].some((end) => stem.endsWith(end))) return `${stem}e`
  if (endsDouble(stem)) return 'lsz'.includes(stem.at(-1) as string) ? stem : stem.slice(0, -1)
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem
}

/** A y behind a consonant, as in happy. */
const step1c = (word: string): string =>
  applied(word, [['y', 'i', (stem) => stem.length > 1 && isConsonantAt(stem, -1)]])

const positive = (stem: string): boolean => measure(stem) > 0

const doubleSuffixes = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['fulli', 'ful'],
] as const

function step2(word: string): string {
  if (word.endsWith('alli') && positive(withoutSuffix(word, 'alli'))) return step2(word.slice(0, -2))
  return applied(word, [
    ...doubleSuffixes.map(([suffix, by]): Rule => [suffix, by, positive]),
    // The l counts as a part of the stem, so that geologi becomes geolog.
    ['logi', 'log', () => positive(word.slice(0, -3))],
  ])
}

const step3 = (word: string): string =>
  applied(word, [
    ['icate', 'ic', positive],
    ['ative', '', positive],
    ['alize', 'al', positive],
    ['iciti', 'ic', positive],
    ['ical', 'ic', positive],
    ['ful', '', positive],
    ['ness', '', positive],
  ])

/** Longer ones before those that they end with. */
const lastSuffixes = 'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(
  ' ',
)

const step4 = (word: string): string =>
  applied(
    word,
    lastSuffixes.map((suffix): Rule => {
      const fits = (stem: string) => suffix !== 'ion' || stem.endsWith('s') || stem.endsWith('t')
      return [suffix, '', (stem) => measure(stem) > 1 && fits(stem)]
    }),
  )

function step5(word: string): string {
  const stem = word.slice(0, -1)
  const m = measure(stem)
  if (word.endsWith('e') && (m > 1 || (m === 1 && !endsShort(stem)))) return step5b(stem)
  return step5b(word)
}

const step5b = (word: string): string =>
  word.endsWith('ll') && measure(word.slice(0, -1)) > 1 ? word.slice(0, -1) : word

/**
 * The stem of a word of lower-case letters.
 *
 * @example
 * stemOf('relational') // 'relat'
 */
export function stemOf(word: string): string {
  const known = irregular.get(word)
  if (known !== undefined || word.length <= 2) return known ?? word
  return [step1a, step1b, step1c, step2, step3, step4, step5].reduce((stem, step) => step(stem), word)
}
