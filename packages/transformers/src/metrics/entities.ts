import { ArgumentError } from 'typegrad/core'

/** A run of tokens that its labels call one thing, such as a person's name. */
export interface LabelledSpan {
  readonly type: string
  /** Its first token. */
  readonly start: number
  /** Behind its last token. */
  readonly end: number
}

/** How labels say where entities begin and end, by seqeval's names. */
export const entitySchemes = ['IOB1', 'IOB2', 'IOE1', 'IOE2', 'IOBES', 'BILOU'] as const

export type EntityScheme = (typeof entitySchemes)[number]

/** A label in its parts: `B-PER` is B of PER; `O` is outside of all. */
interface Label {
  readonly prefix: string
  readonly type: string
}

const outside: Label = { prefix: 'O', type: '_' }

/**
 * Entities of labels as conlleval finds them: a type that changes ends one and begins the next, whatever the prefixes. Labels
 * that contradict each other (`O I-PER`) are understood as well as possible.
 *
 * @throws ArgumentError for a label that is empty.
 */
export function lenientSpans(labels: readonly string[]): readonly LabelledSpan[] {
  const spans: LabelledSpan[] = []
  let before = { prefix: 'O', type: '' }
  let start = 0
  for (const [i, label] of [...labels, 'O'].entries()) {
    const own = partsOf(label, i)
    const changed = own.type !== before.type
    if (isEnd(before.prefix, own.prefix, changed)) spans.push({ type: before.type, start, end: i })
    if (isStart(before.prefix, own.prefix, changed)) start = i
    before = own
  }
  return spans
}

function partsOf(label: string, index: number): Label {
  if (label === '') throw emptyLabel(index)
  const rest = label.slice(1)
  const dash = rest.indexOf('-')
  return { prefix: label[0] as string, type: (dash < 0 ? rest : rest.slice(dash + 1)) || '_' }
}

const emptyLabel = (index: number) =>
  new ArgumentError({
    where: `entities: label ${index}`,
    expected: "a prefix and a type such as 'B-PER', or 'O'",
    received: "''",
  })

const isOutside = (prefix: string): boolean => prefix === 'O' || prefix === '.'

/** Whether an entity ends before a label. */
function isEnd(before: string, prefix: string, changed: boolean): boolean {
  if (before === 'E' || before === 'S') return true
  if ((before === 'B' || before === 'I') && 'BSO'.includes(prefix)) return true
  return !isOutside(before) && changed
}

/** Whether an entity begins with a label. */
function isStart(before: string, prefix: string, changed: boolean): boolean {
  if (prefix === 'B' || prefix === 'S') return true
  if ('ESO'.includes(before) && (prefix === 'E' || prefix === 'I')) return true
  return !isOutside(prefix) && changed
}

/** Two labels in a row: the prefixes that the first and the second may have, and whether their types are the same. */
type Pattern = readonly [before: string, prefix: string, type?: 'same' | 'other']

interface SchemeRules {
  readonly prefixes: string
  readonly start: readonly Pattern[]
  readonly inside: readonly Pattern[]
  readonly end: readonly Pattern[]
}

const any = 'IOBESUL'

/** The schemes as seqeval has them: which two labels in a row begin, continue and end an entity. */
const schemes: Readonly<Record<EntityScheme, SchemeRules>> = {
  IOB1: {
    prefixes: 'IOB',
    start: [
      ['OB', 'I'],
      ['I', 'I', 'other'],
      ['IB', 'B', 'same'],
    ],
    inside: [['BI', 'I', 'same']],
    end: [
      ['IB', 'I', 'other'],
      ['IB', 'O'],
      ['I', 'B'],
      ['B', 'B', 'same'],
    ],
  },
  IOE1: {
    prefixes: 'IOE',
    start: [
      ['OE', 'I'],
      ['I', 'I', 'other'],
      ['E', 'E', 'same'],
    ],
    inside: [['I', 'IE', 'same']],
    end: [
      ['I', 'IE', 'other'],
      ['I', 'O'],
      ['E', 'IE', 'same'],
    ],
  },
  IOB2: {
    prefixes: 'IOB',
    start: [[any, 'B']],
    inside: [['BI', 'I', 'same']],
    end: [
      ['IB', 'OB'],
      ['IB', 'I', 'other'],
    ],
  },
  IOE2: {
    prefixes: 'IOE',
    start: [
      ['OE', 'IE'],
      ['I', 'IE', 'other'],
    ],
    inside: [['I', 'IE', 'same']],
    end: [['E', any]],
  },
  IOBES: {
    prefixes: 'IOBES',
    start: [[any, 'BS']],
    inside: [['BI', 'IE', 'same']],
    end: [['SE', any]],
  },
  BILOU: {
    prefixes: 'BILOU',
    start: [[any, 'BU']],
    inside: [['BI', 'IL', 'same']],
    end: [['UL', any]],
  },
}

const matches = (patterns: readonly Pattern[], before: Label, label: Label): boolean =>
  patterns.some(
    ([a, b, type]) =>
      a.includes(before.prefix) &&
      b.includes(label.prefix) &&
      (type === undefined || (type === 'same') === (before.type === label.type)),
  )

/**
 * Entities of labels that keep a scheme's rules; what breaks them is none.
 *
 * @throws ArgumentError for a label whose prefix the scheme does not have.
 */
export function strictSpans(labels: readonly string[], scheme: EntityScheme): readonly LabelledSpan[] {
  const rules = schemes[scheme]
  const all = [...labels.map((label, i) => strictPartsOf(label, i, scheme)), outside]
  const spans: LabelledSpan[] = []
  let before = outside
  for (let i = 0; i < all.length; ) {
    const label = all[i] as Label
    let end = i + 1
    if (matches(rules.start, before, label)) {
      while (end < all.length && matches(rules.inside, all[end - 1] as Label, all[end] as Label)) end++
      if (end < all.length && matches(rules.end, all[end - 1] as Label, all[end] as Label)) {
        spans.push({ type: label.type, start: i, end })
      }
    }
    i = end
    before = all[i - 1] as Label
  }
  return spans
}

function strictPartsOf(label: string, index: number, scheme: EntityScheme): Label {
  const prefix = label[0]
  if (prefix === undefined) throw emptyLabel(index)
  const { prefixes } = schemes[scheme]
  if (!prefixes.includes(prefix)) {
    throw new ArgumentError({
      where: `entities: label ${index}`,
      expected: `a prefix of ${scheme} (${[...prefixes].join(', ')})`,
      received: `'${label}'`,
    })
  }
  return { prefix, type: label.slice(1).replace(/^-+|-+$/g, '') || '_' }
}

/** The sets of prefixes by which a scheme is recognized. */
const recognized: readonly (readonly [EntityScheme, RegExp])[] = [
  ['IOB2', /^(?:BIO|BI|BO|B)$/],
  ['IOE2', /^(?:EIO|EI|EO|E)$/],
  ['IOBES', /^(?:BEIOS|BEIS|BEIO|BEOS|BEI|BES|BEO|BE|S)$/],
  ['BILOU', /^(?:BILOU|BILU|BILO|BLOU|BIL|BLU|BLO|BL|U)$/],
]

/**
 * The scheme that labels follow, as seqeval recognizes it by the prefixes there are.
 *
 * @throws ArgumentError where none fits, with the prefixes.
 * @example
 * textMetrics.entitySchemeOf([['B-PER', 'I-PER', 'O']]) // 'IOB2'
 */
export function entitySchemeOf(sequences: readonly (readonly string[])[]): EntityScheme {
  const prefixes = [...new Set(sequences.flat().map((label) => label[0] ?? ''))].sort().join('')
  const found = recognized.find(([, pattern]) => pattern.test(prefixes))
  if (found !== undefined) return found[0]
  throw new ArgumentError({
    where: 'entitySchemeOf',
    expected: `prefixes of one scheme of ${recognized.map(([scheme]) => scheme).join(', ')}`,
    received: prefixes === '' ? 'no labels' : [...prefixes].join(', '),
    fix: "Say which it is: { scheme: 'IOB1' }.",
  })
}
