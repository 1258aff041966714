/**
 * `tokenizers/unicode/`: sets of characters and normal forms as Python's `tokenizers` knows them, which are not of one age, nor of the
 * age of this engine's. It knows nothing else.
 */
import { runs } from './tables.ts'

/** A set of code points: the edges of its ranges, each from an even place up to before the next. */
export type CharacterSet = readonly number[]

const end = 0x110000

function decoded(text: string): number[] {
  let at = 0
  return text.split(',').map((run) => {
    at += Number.parseInt(run, 36)
    return at
  })
}

const measured = new Map<string, CharacterSet>()
const measuredSet = (name: keyof typeof runs): CharacterSet => {
  let set = measured.get(name)
  if (set === undefined) {
    set = decoded(runs[name])
    measured.set(name, set)
  }
  return set
}

/** What is in any of several sets. */
export function union(...sets: readonly CharacterSet[]): CharacterSet {
  const ranges = sets.flatMap((set) =>
    Array.from(
      { length: set.length / 2 },
      (_, i) => [set[2 * i] as number, set[2 * i + 1] as number] as const,
    ),
  )
  ranges.sort((a, b) => a[0] - b[0])
  const edges: number[] = []
  for (const [from, to] of ranges) {
    const last = edges.length - 1
    if (last > 0 && from <= (edges[last] as number)) edges[last] = Math.max(edges[last] as number, to)
    else edges.push(from, to)
  }
  return edges
}

export function complement(set: CharacterSet): CharacterSet {
  const edges = [0, ...set, end]
  const kept: number[] = []
  for (let i = 0; i < edges.length; i += 2) {
    if (edges[i] !== edges[i + 1]) kept.push(edges[i] as number, edges[i + 1] as number)
  }
  return kept
}

export const intersection = (a: CharacterSet, b: CharacterSet): CharacterSet =>
  complement(union(complement(a), complement(b)))

export const range = (from: number, to: number): CharacterSet => [from, to + 1]
export const characters = (text: string): CharacterSet =>
  union(...Array.from(text, (c) => range(c.codePointAt(0) as number, c.codePointAt(0) as number)))

const categories = [
  'Lu',
  'Ll',
  'Lt',
  'Lm',
  'Lo',
  'Mn',
  'Mc',
  'Me',
  'Nd',
  'Nl',
  'No',
  'Pc',
  'Pd',
  'Ps',
  'Pe',
  'Pi',
  'Pf',
  'Po',
  'Sm',
  'Sc',
  'Sk',
  'So',
  'Zs',
  'Zl',
  'Zp',
  'Cc',
  'Cf',
  'Co',
] as const
const surrogates = range(0xd800, 0xdfff)

/** A general category of regular expressions: one (`Lu`), or several by their first letter (`L`). */
export function category(name: string): CharacterSet | undefined {
  if (name === 'Cs') return surrogates
  if (name === 'Cn') return complement(assigned())
  const names = categories.filter((one) => one === name || (name.length === 1 && one.startsWith(name)))
  if (names.length === 0) return undefined
  const sets = names.map((one) => measuredSet(one))
  return name === 'C'
    ? complement(union(...categories.filter((one) => !one.startsWith('C')).map((one) => measuredSet(one))))
    : union(...sets)
}

const assigned = (): CharacterSet => union(surrogates, ...categories.map((one) => measuredSet(one)))

/** White space, in which all of Python's sources agree. */
export const whiteSpace: CharacterSet = union(
  range(9, 13),
  characters('\x20\x85\xa0\u1680'),
  range(0x2000, 0x200a),
  characters('\u2028\u2029\u202f\u205f\u3000'),
)

/** Letters in circles and squares are alphabetic, though symbols. */
const circled = union(
  range(0x24b6, 0x24e9),
  range(0x1f130, 0x1f149),
  range(0x1f150, 0x1f169),
  range(0x1f170, 0x1f189),
)
const words = (): CharacterSet =>
  union(...['L', 'M', 'Nd', 'Nl', 'Pc'].map((name) => category(name) as CharacterSet), circled)
/** `\w` of Oniguruma, which counts ², ³, ¹, ¼, ½ and ¾. */
export const wordOfOniguruma = (): CharacterSet => union(words(), characters('²³¹¼½¾'))
/** `\w` of Rust's regular expressions, which counts what joins letters. */
export const wordOfRust = (): CharacterSet => union(words(), characters('\u200c\u200d'))

/** A property that this engine's regular expressions know (`Script=Han`, `Alphabetic`), of what is assigned in Python's. */
export function property(name: string): CharacterSet | undefined {
  for (const source of [`\\p{${name}}`, `\\p{Script=${name}}`]) {
    let test: RegExp
    try {
      test = new RegExp(source, 'u')
    } catch {
      continue
    }
    const edges: number[] = []
    for (let c = 0, inside = false; c <= end; c++) {
      const is = c < end && test.test(String.fromCodePoint(c))
      if (is !== inside) edges.push(c)
      inside = is
    }
    return intersection(edges, assigned())
  }
  return undefined
}

const escaped = (c: number): string => `\\u{${c.toString(16)}}`

/** A set as a class of a regular expression with the flag `u`. */
export function classOf(set: CharacterSet): string {
  let text = ''
  for (let i = 0; i < set.length; i += 2) {
    const [from, to] = [set[i] as number, (set[i + 1] as number) - 1]
    text += from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`
  }
  return `[${text}]`
}

/** CJK ideographs as BERT counts them. */
export const chinese: CharacterSet = union(
  range(0x4e00, 0x9fff),
  range(0x3400, 0x4dbf),
  range(0x20000, 0x2a6df),
  range(0x2a700, 0x2b73f),
  range(0x2b740, 0x2b81f),
  range(0x2b920, 0x2ceaf),
  range(0xf900, 0xfaff),
  range(0x2f800, 0x2fa1f),
)

/** ASCII's punctuation, symbols included, and Unicode's. */
export const bertPunctuation = (): CharacterSet =>
  union(
    measuredSet('bertPunctuation'),
    range(0x21, 0x2f),
    range(0x3a, 0x40),
    range(0x5b, 0x60),
    range(0x7b, 0x7e),
  )
export const bertControl = (): CharacterSet => union(measuredSet('bertControl'), characters('\0\ufffd'))
export const bertMark = (): CharacterSet => measuredSet('bertMark')
export const combiningMark = (): CharacterSet => measuredSet('combiningMark')
export const numeric = (): CharacterSet => measuredSet('numeric')
/** What has a normal form or an order of its own only since Unicode 13, where Python's forms are of 12. */
export const newToNormalForms = (): CharacterSet => measuredSet('newToNormalForms')

/** A test of code points, by a bit for each. */
export function memberTest(set: CharacterSet): (codePoint: number) => boolean {
  const bits = new Uint8Array(end >> 3)
  for (let i = 0; i < set.length; i += 2) {
    for (let c = set[i] as number; c < (set[i + 1] as number); c++)
      bits[c >> 3] = (bits[c >> 3] as number) | (1 << (c & 7))
  }
  return (c) => ((bits[c >> 3] as number) & (1 << (c & 7))) !== 0
}

/** A value that is made when it is first needed. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
