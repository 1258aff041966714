import { losses, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { PromptedModel } from '../adapters/prompted-model.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { ignoredLabel } from '../layers/labels.ts'
import { CausalLM, networkInputs } from '../layers/network.ts'
import { roundedLength } from '../pipelines/rows.ts'
import type { EncodedRow, PreparedTask } from './task.ts'
import { TaskModel } from './task-model.ts'
import { checkedLength, positionLabels, type TextTaskOptions } from './text-batches.ts'

/** A row of tokens for a decoder: one text, or several that are packed into it. */
export interface LanguageExample {
  readonly ids: readonly number[]
  /** Which tokens are learnt, by their places. */
  readonly isLearnt: readonly boolean[]
  /** Where each of its texts begins. */
  readonly beginnings: readonly number[]
}

export interface LanguageTaskOptions extends TextTaskOptions {
  /**
   * Whether short texts are put together into rows of `maxLength` tokens. They do not see each other: each is what it would be
   * alone, and nothing is spent on padding. Default true, but for models behind a prompt, which cannot tell them apart.
   */
  readonly packing?: boolean
}

interface LanguageTask<Row> {
  /** For errors. */
  readonly name: string
  readonly options: LanguageTaskOptions
  readonly truncates: boolean
  /** @param longest how many tokens an example may have. @throws RowFault */
  readonly encode: (row: unknown, longest: number) => EncodedRow<LanguageExample> & { readonly row: Row }
}

/** What tasks of decoders share: each token from those before it. */
export function preparedLanguageTask<Row>(
  model: PretrainedModel,
  { name, options, truncates, encode }: LanguageTask<Row>,
): PreparedTask<Row, LanguageExample> {
  const length = checkedLength(name, model, options, ['logits'])
  const isPrompted = model instanceof PromptedModel
  if (!(model.network instanceof CausalLM || isPrompted)) {
    throw new ArgumentError({
      where: name,
      expected: 'a decoder with a language model’s head, such as GPT2LMHeadModel',
      received: model.network.className,
    })
  }
  if (length === undefined) {
    throw new ArgumentError({
      where: `${name}: maxLength`,
      expected: 'how many tokens a row has, since the model does not say',
      received: 'none',
      fix: 'Give it: { maxLength: 512 }.',
    })
  }
  const { tokenizer, packing = !isPrompted } = options
  if (packing && isPrompted) {
    throw new ArgumentError({
      where: `${name}: packing`,
      expected:
        'false for a model behind a prompt, which stands in front of a row and not of each text in it',
      received: 'true',
    })
  }
  const padId = tokenizer.padId ?? 0
  const trained = new TaskModel(model, ['logits'], { inputs: isPrompted ? [] : [networkInputs.segmentIds] })
  const task: PreparedTask<Row, LanguageExample> = {
    trained,
    compile: {
      loss: { logits: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: ignoredLabel }) },
    },
    longest: length,
    truncates,
    encode: (row) => encode(row, length),
    ...(packing && { pack: (examples: readonly LanguageExample[]) => packed(examples, length) }),
    lengthOf: ({ ids }) => ids.length,
    collate(examples) {
      const columns = roundedLength(Math.max(...examples.map(({ ids }) => ids.length)), length)
      const filled = (fill: number, list: (example: LanguageExample) => ArrayLike<number>) => {
        const data = new Int32Array(examples.length * columns).fill(fill)
        for (const [i, example] of examples.entries()) data.set(list(example), i * columns)
        return tensor(data).reshape([examples.length, columns])
      }
      return [
        {
          input_ids: filled(padId, ({ ids }) => ids),
          attention_mask: filled(0, ({ ids }) => new Int32Array(ids.length).fill(1)),
          ...(!isPrompted && { segment_ids: filled(0, segmentsOf) }),
        },
        { logits: positionLabels(examples.map(nextTokens), columns) },
      ]
    },
    async evaluate(samples, { batchSize, signal }) {
      const examples = samples.flatMap((sample) => sample.examples)
      let [loss, count] = [0, 0]
      for (let first = 0; first < examples.length; first += batchSize) {
        signal?.throwIfAborted()
        const batch = examples.slice(first, first + batchSize)
        const tokens = batch.flatMap(nextTokens).filter((token) => token !== ignoredLabel).length
        if (tokens === 0) continue
        const [x, y] = task.collate(batch)
        loss += tokens * ((await trained.testOnBatch(x, y ?? null)).loss ?? Number.NaN)
        count += tokens
      }
      return { loss: loss / count, perplexity: Math.exp(loss / count) }
    },
  }
  return task
}

/** Which of a row's texts each token is of, counted from 1. */
function segmentsOf({ ids, beginnings }: LanguageExample): Int32Array {
  const segments = new Int32Array(ids.length)
  for (const [i, start] of beginnings.entries()) segments.fill(i + 1, start, beginnings[i + 1])
  return segments
}

/** What each token is to be followed by; nothing at the ends of texts, and where the next token is not learnt. */
function nextTokens({ ids, isLearnt, beginnings }: LanguageExample): readonly number[] {
  const begins = new Set(beginnings)
  return ids.map((_, i) =>
    isLearnt[i + 1] === true && !begins.has(i + 1) ? (ids[i + 1] as number) : ignoredLabel,
  )
}

/**
 * Examples put together into rows of at most so many tokens: the longest first, each into the row that it leaves the least
 * room in (best-fit decreasing; Ding et al. 2024, https://arxiv.org/abs/2404.10830).
 */
export function packed(examples: readonly LanguageExample[], length: number): readonly LanguageExample[] {
  const rows: LanguageExample[][] = []
  /** Rows by how many tokens they have room for. */
  const withRoom = Array.from({ length: length + 1 }, (): number[] => [])
  for (const example of examples.toSorted((a, b) => b.ids.length - a.ids.length)) {
    const size = example.ids.length
    let room = size
    while (room <= length && withRoom[room]?.length === 0) room++
    const row = room <= length ? (withRoom[room]?.pop() as number) : rows.push([]) - 1
    rows[row]?.push(example)
    const left = (room <= length ? room : length) - size
    if (left >= 0) withRoom[left]?.push(row)
  }
  return rows.map((row) => {
    let at = 0
    return {
      ids: row.flatMap(({ ids }) => ids),
      isLearnt: row.flatMap(({ isLearnt }) => isLearnt),
      beginnings: row.flatMap(({ ids, beginnings }) => {
        const moved = beginnings.map((start) => start + at)
        at += ids.length
        return moved
      }),
    }
  })
}
