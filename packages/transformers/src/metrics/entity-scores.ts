import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type EntityScheme, entitySchemes, lenientSpans, strictSpans } from './entities.ts'
import { checkPaired } from './paired.ts'
import type { FMeasure } from './rouge.ts'

export interface EntityOptions {
  /**
   * The scheme whose rules entities have to keep, seqeval's `mode='strict'`. Default none: as conlleval finds them, whatever
   * the prefixes.
   */
  readonly scheme?: EntityScheme
}

const entityChecks = optionsOf<EntityOptions>()({ scheme: checks.oneOf(...entitySchemes) })

/** Shares from 0 to 1, 0 where there is nothing to take a share of. */
export interface EntityMeasure extends FMeasure {
  /** How many entities there are in truth. */
  readonly support: number
}

export interface EntityScores {
  /** Of all entities together: what is usually reported as F1. */
  readonly micro: EntityMeasure
  /** The mean over the types. */
  readonly macro: EntityMeasure
  /** The mean over the types, by their support. */
  readonly weighted: EntityMeasure
  /** Of each type, in alphabetical order. */
  readonly types: Readonly<Record<string, EntityMeasure>>
  /** The share of tokens whose label is right, `O` among them. */
  readonly accuracy: number
}

interface Counts {
  right: number
  predicted: number
  actual: number
}

const share = (a: number, b: number): number => (b === 0 ? 0 : a / b)

function measureOf({ right, predicted, actual }: Readonly<Counts>): EntityMeasure {
  const [precision, recall] = [share(right, predicted), share(right, actual)]
  return { precision, recall, f1: share(2 * precision * recall, precision + recall), support: actual }
}

function meanOf(measures: readonly EntityMeasure[], weights: readonly number[]): EntityMeasure {
  const total = weights.reduce((a, b) => a + b, 0)
  const mean = (name: keyof FMeasure) =>
    share(
      measures.reduce((sum, measure, i) => sum + measure[name] * (weights[i] as number), 0),
      total,
    )
  const support = measures.reduce((sum, measure) => sum + measure.support, 0)
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support }
}

/**
 * Precision, recall and F1 of whole entities, gathered text by text. An entity is right if its type, its beginning and its
 * end are.
 *
 * @example
 * const entities = new Entities()
 * entities.add(['B-PER', 'I-PER', 'O'], ['B-PER', 'I-PER', 'O'])
 * entities.result().micro.f1 // 1
 */
export class Entities {
  readonly #scheme: EntityScheme | undefined
  readonly #types = new Map<string, Counts>()
  #tokens = 0
  #rightTokens = 0

  constructor(options: EntityOptions = {}) {
    checkOptions('Entities', options, entityChecks)
    this.#scheme = options.scheme
  }

  #countsOf(type: string): Counts {
    const counts = this.#types.get(type) ?? { right: 0, predicted: 0, actual: 0 }
    this.#types.set(type, counts)
    return counts
  }

  /**
   * Counts the entities of one text.
   *
   * @throws ArgumentError for lists of different lengths, and labels that are none of the scheme's.
   */
  add(predicted: readonly string[], actual: readonly string[]): void {
    if (predicted.length !== actual.length) {
      throw new ArgumentError({
        where: 'Entities: predicted',
        expected: `a label for each of ${actual.length} tokens`,
        received: `${predicted.length} labels`,
        fix: 'Leave out the labels of special tokens and later pieces of words on both sides.',
      })
    }
    const scheme = this.#scheme
    const [given, wanted] = [predicted, actual].map((labels) =>
      scheme === undefined ? lenientSpans(labels) : strictSpans(labels, scheme),
    ) as [ReturnType<typeof lenientSpans>, ReturnType<typeof lenientSpans>]
    const known = new Set(wanted.map(({ type, start, end }) => `${start} ${end} ${type}`))
    for (const { type } of wanted) this.#countsOf(type).actual++
    for (const { type, start, end } of given) {
      const counts = this.#countsOf(type)
      counts.predicted++
      if (known.has(`${start} ${end} ${type}`)) counts.right++
    }
    this.#tokens += actual.length
    this.#rightTokens += actual.filter((label, i) => label === predicted[i]).length
  }

  /** The scores of all texts so far. */
  result(): EntityScores {
    const names = [...this.#types.keys()].sort()
    const counts = names.map((name) => this.#types.get(name) as Counts)
    const measures = counts.map(measureOf)
    const all = counts.reduce(
      (a, b) => ({
        right: a.right + b.right,
        predicted: a.predicted + b.predicted,
        actual: a.actual + b.actual,
      }),
      { right: 0, predicted: 0, actual: 0 },
    )
    return {
      micro: measureOf(all),
      macro: meanOf(
        measures,
        measures.map(() => 1),
      ),
      weighted: meanOf(
        measures,
        measures.map(({ support }) => support),
      ),
      types: Object.fromEntries(names.map((name, i) => [name, measures[i] as EntityMeasure])),
      accuracy: share(this.#rightTokens, this.#tokens),
    }
  }
}

/**
 * Precision, recall and F1 of whole entities, as seqeval counts them.
 *
 * Tjong Kim Sang and De Meulder 2003, https://aclanthology.org/W03-0419; seqeval, https://github.com/chakki-works/seqeval
 *
 * @param predicted of each text the labels that a model gives its tokens, such as `B-PER`.
 * @param actual the right ones.
 * @throws ArgumentError for lists of different lengths, and labels that are none of the scheme's.
 * @example
 * textMetrics.entityScores([['B-PER', 'O']], [['B-PER', 'B-LOC']], { scheme: 'IOB2' }).micro.recall // 0.5
 */
export function entityScores(
  predicted: readonly (readonly string[])[],
  actual: readonly (readonly string[])[],
  options: EntityOptions = {},
): EntityScores {
  checkPaired('entityScores', ['actual texts', actual], ['predicted texts', predicted])
  const gathered = new Entities(options)
  for (const [i, labels] of predicted.entries()) gathered.add(labels, actual[i] as readonly string[])
  return gathered.result()
}

/**
 * The scores as a table, a line for each type and the means below, as seqeval's `classification_report` prints it.
 *
 * @example
 * console.log(textMetrics.formatEntityScores(scores))
 */
export function formatEntityScores({ types, micro, macro, weighted }: EntityScores, digits = 2): string {
  const width = Math.max(...Object.keys(types).map(({ length }) => length), 'weighted avg'.length)
  const line = (name: string, { precision, recall, f1, support }: EntityMeasure) => {
    const shares = [precision, recall, f1].map((value) => value.toFixed(digits).padStart(9))
    return `${name.padStart(width)}  ${shares.join(' ')} ${String(support).padStart(9)}`
  }
  const heads = ['precision', 'recall', 'f1-score', 'support'].map((head) => head.padStart(9))
  return [
    `${' '.repeat(width)}  ${heads.join(' ')}`,
    '',
    ...Object.entries(types).map(([name, measure]) => line(name, measure)),
    '',
    line('micro avg', micro),
    line('macro avg', macro),
    line('weighted avg', weighted),
    '',
  ].join('\n')
}
