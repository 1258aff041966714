import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Encoding } from '../tokenizers/encoding.ts'
import { runChecks } from './batched.ts'
import { longestText, type TextParts } from './parts.ts'
import type { Row, RunOptions } from './rows.ts'
import { largestAt, modelLabels, softmax } from './scores.ts'
import { type TextPipeline, textPipeline } from './text-pipeline.ts'

export interface TokenClassificationOptions extends RunOptions {
  /**
   * What becomes one result: each token (`'none'`), neighbours of one entity by their tags (`'simple'`), or whole words of
   * one entity, where a word has the tag of its first token (`'first'`), of its tokens' mean scores (`'average'`) or of its
   * surest token (`'max'`). Default `'none'`.
   */
  readonly aggregationStrategy?: AggregationStrategy
  /** Tags that are left out. Default `['O']`. */
  readonly ignoreLabels?: readonly string[]
  /**
   * How many tokens the windows share that a text is cut into which is too long; of entities that overlap the longest one
   * counts. Default none: such texts are refused.
   */
  readonly stride?: number
}

export type AggregationStrategy = 'none' | 'simple' | 'first' | 'average' | 'max'

const strings: checks.Check<readonly string[]> = {
  expected: 'a list of labels',
  accepts: (value) => Array.isArray(value) && value.every((label) => typeof label === 'string'),
}

const optionChecks = optionsOf<TokenClassificationOptions>()({
  aggregationStrategy: checks.oneOf('none', 'simple', 'first', 'average', 'max'),
  ignoreLabels: strings,
  stride: checks.wholeFrom(0),
  ...runChecks,
})

/** A token with its tag, or neighbours that are one entity. */
export interface Entity {
  /** The token's tag, such as `B-PER`; of a group without the tag's beginning: `PER`. */
  readonly entity: string
  readonly score: number
  /** The token's text, or that of the group's tokens, as the tokenizer decodes them. */
  readonly word: string
  /** Where it stands in the text, in UTF-16 units: `text.slice(start, end)`. */
  readonly start: number
  readonly end: number
  /** The token's place among all; absent for groups. */
  readonly index?: number
}

/** Tags of tokens, or entities, of texts. */
export type TokenClassifier = TextPipeline<string, TokenClassificationOptions, readonly Entity[]>

export function tokenClassification(parts: TextParts): TokenClassifier {
  const labels = modelLabels(parts)
  const longest = longestText(parts)
  const { tokenizer } = parts
  return textPipeline<string, TokenClassificationOptions, readonly Entity[]>({
    task: 'token-classification',
    parts,
    checks: optionChecks,
    expected: 'texts',
    texts: (text) => [text],
    encode(text, { stride, aggregationStrategy = 'none' }) {
      if (stride === undefined) return [tokenizer.encode(text)]
      if (aggregationStrategy === 'none') {
        throw new ArgumentError({
          where: 'token-classification: stride',
          expected: "an aggregationStrategy other than 'none', since windows share tokens",
          received: "'none'",
        })
      }
      const first = tokenizer.encode(text, undefined, {
        truncation: true,
        stride,
        ...(longest !== undefined && { maxLength: longest }),
      })
      return [first, ...first.overflowing]
    },
    decode(rows, text, { aggregationStrategy = 'none', ignoreLabels = ['O'] }) {
      const made = rows.flatMap((row) => {
        const tokens = scoredTokens(row, text, parts)
        const tagged =
          aggregationStrategy === 'none' || aggregationStrategy === 'simple'
            ? tokens.map((token) => taggedBest(token, labels))
            : wordsOf(tokens).map((word) => ({
                ...taggedBy[aggregationStrategy](word, labels),
                word: decoded(parts, word),
                start: (word[0] as ScoredToken).start,
                end: (word.at(-1) as ScoredToken).end,
              }))
        const entities = aggregationStrategy === 'none' ? tagged : grouped(tagged, parts)
        return entities.filter(({ entity }) => !ignoreLabels.includes(entity))
      })
      return rows.length > 1 ? withoutOverlaps(made) : made
    },
  })
}

interface ScoredToken {
  readonly scores: readonly number[]
  readonly word: string
  readonly start: number
  readonly end: number
  readonly index: number
  /** Whether it goes on with the word of the token before. */
  readonly isSubword: boolean
}

function scoredTokens(row: Row, text: string, { tokenizer }: TextParts): readonly ScoredToken[] {
  const { encoding } = row
  const logits = row.tokens('logits')
  return encoding.ids.flatMap((id, index) => {
    if (encoding.specialTokensMask[index] === 1) return []
    const [start, end] = [encoding.starts[index] as number, encoding.ends[index] as number]
    const inText = text.slice(start, end)
    const isUnknown = id === tokenizer.specialId('unk_token')
    return {
      scores: softmax(logits[index] as Float32Array),
      word: isUnknown ? inText : (encoding.tokens[index] as string),
      ...{ start, end, index },
      isSubword: !isUnknown && isSubword(encoding, index, text, tokenizer.continuingSubwordPrefix),
    }
  })
}

/** Tokenizers that mark what goes on with a word say it themselves; of others a space before it tells. */
function isSubword(encoding: Encoding, index: number, text: string, prefix: string | undefined): boolean {
  const [start, end] = [encoding.starts[index] as number, encoding.ends[index] as number]
  if (prefix !== undefined) {
    return [...(encoding.tokens[index] as string)].length !== [...text.slice(start, end)].length
  }
  return start > 0 && !text.slice(start - 1, start + 1).includes(' ')
}

type Tagged = Omit<Entity, 'index'> & { readonly index?: number }

function taggedBest({ scores, word, start, end, index }: ScoredToken, labels: readonly string[]): Tagged {
  return { ...bestOf(scores, labels), index, word, start, end }
}

function bestOf(scores: readonly number[], labels: readonly string[]) {
  const best = largestAt(scores)
  return { entity: labels[best] as string, score: scores[best] as number }
}

function wordsOf(tokens: readonly ScoredToken[]): readonly (readonly ScoredToken[])[] {
  const words: ScoredToken[][] = []
  for (const token of tokens) {
    if (token.isSubword && words.length > 0) words.at(-1)?.push(token)
    else words.push([token])
  }
  return words
}

type Tag = Pick<Entity, 'entity' | 'score'>

const taggedBy: Readonly<
  Record<'first' | 'average' | 'max', (word: readonly ScoredToken[], labels: readonly string[]) => Tag>
> = {
  first: ([first], labels) => bestOf((first as ScoredToken).scores, labels),
  average(word, labels) {
    const sums = labels.map((_, i) => word.reduce((sum, { scores }) => sum + (scores[i] as number), 0))
    return bestOf(
      sums.map((sum) => sum / word.length),
      labels,
    )
  },
  max(word, labels) {
    const surest = largestAt(word.map(({ scores }) => Math.max(...scores)))
    return bestOf((word[surest] as ScoredToken).scores, labels)
  },
}

/** The text of tokens as the tokenizer's decoder makes it. */
const decoded = ({ tokenizer }: TextParts, tokens: readonly { readonly word: string }[]): string =>
  tokenizer.tokensToText(tokens.map(({ word }) => word))

/** Neighbours of one entity: a tag that begins with `B-` begins a new one. */
function grouped(tagged: readonly Tagged[], parts: TextParts): readonly Tagged[] {
  const groups: Tagged[][] = []
  let before: string | undefined
  for (const one of tagged) {
    const [, begins, name = one.entity] = /^([BI])-(.*)$/.exec(one.entity) ?? []
    if (begins !== 'B' && name === before) groups.at(-1)?.push(one)
    else groups.push([one])
    before = name
  }
  return groups.map((group) => {
    const [first, last] = [group[0] as Tagged, group.at(-1) as Tagged]
    return {
      entity: first.entity.slice(first.entity.indexOf('-') + 1),
      score: group.reduce((sum, { score }) => sum + score, 0) / group.length,
      word: decoded(parts, group),
      start: first.start,
      end: last.end,
    }
  })
}

/** Of entities in two windows that overlap the longest one, of equally long ones the surest. */
function withoutOverlaps(entities: readonly Tagged[]): readonly Tagged[] {
  const kept: Tagged[] = []
  for (const entity of [...entities].sort((a, b) => a.start - b.start)) {
    const before = kept.at(-1)
    if (before === undefined || entity.start >= before.end) {
      kept.push(entity)
      continue
    }
    const longer = entity.end - entity.start - (before.end - before.start)
    if (longer > 0 || (longer === 0 && entity.score > before.score)) kept[kept.length - 1] = entity
  }
  return kept
}
