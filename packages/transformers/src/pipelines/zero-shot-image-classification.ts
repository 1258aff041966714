import { compile, type Tensor } from 'typegrad'
import { ArgumentError, optionsOf } from 'typegrad/core'
import type { Picture } from '../processors/picture.ts'
import { batched, runChecks, usualBatch } from './batched.ts'
import type { PictureParts, TextParts } from './parts.ts'
import { checkPictures } from './picture-rows.ts'
import { inputsOf, type RunOptions, roundedLength } from './rows.ts'
import { best, type LabelScore, softmax } from './scores.ts'
import { checkLabels } from './zero-shot-classification.ts'

export interface ZeroShotImageOptions extends RunOptions {
  /** The sentence that a label is put into, in the place of `{}`. Default `'This is a photo of {}.'`. */
  readonly hypothesisTemplate?: string
}

const optionChecks = optionsOf<ZeroShotImageOptions>()({
  hypothesisTemplate: {
    expected: "a text with '{}' for the label",
    accepts: (value) => typeof value === 'string' && value.includes('{}'),
  },
  ...runChecks,
})

type PictureTextParts = PictureParts & Pick<TextParts, 'tokenizer'>

/** Which of any labels a picture is of: for each picture all of them, the likeliest first. */
export interface ZeroShotImageClassifier extends PictureTextParts {
  (
    picture: Picture,
    labels: readonly string[],
    options?: ZeroShotImageOptions,
  ): Promise<readonly LabelScore[]>
  (
    pictures: readonly Picture[],
    labels: readonly string[],
    options?: ZeroShotImageOptions,
  ): Promise<readonly (readonly LabelScore[])[]>
  readonly task: string
}

const task = 'zero-shot-image-classification'

/** Radford et al. 2021, https://arxiv.org/abs/2103.00020, section 3.1: the text whose direction is nearest to the picture's. */
export function zeroShotImageClassification(parts: PictureTextParts): ZeroShotImageClassifier {
  const { model, processor, tokenizer } = parts
  const { network } = model
  // There are not as many texts as pictures, so that it is no batch of samples.
  const compare = compile(
    (ids: Tensor, attentionMask: Tensor, pixelValues: Tensor) =>
      network.outputs(ids, { training: false, attentionMask, pixelValues }).logits_per_image as Tensor,
    { packsWeights: true, engine: () => model.engine },
  )

  async function scoresOf(
    pictures: readonly Picture[],
    labels: readonly string[],
    options: Partial<ZeroShotImageOptions>,
  ): Promise<readonly (readonly LabelScore[])[]> {
    const { hypothesisTemplate = 'This is a photo of {}.', batchSize = usualBatch, signal } = options
    checkPictures(task, pictures)
    const texts = labels.map((label) => tokenizer.encode(hypothesisTemplate.replace('{}', () => label)))
    const most = positionsOf(parts)
    const tooLong = texts.findIndex(({ length }) => length > most)
    if (tooLong >= 0) {
      throw new ArgumentError({
        where: `${task}: labels`,
        expected: `texts of at most ${most} tokens`,
        received: `${texts[tooLong]?.length} for ${JSON.stringify(labels[tooLong])}`,
      })
    }
    const length = roundedLength(Math.max(...texts.map((text) => text.length)), most)
    const { input_ids, attention_mask } = inputsOf(texts, length, tokenizer)
    const found: (readonly LabelScore[])[] = []
    for (let first = 0; first < pictures.length; first += batchSize) {
      signal?.throwIfAborted()
      const batch = pictures.slice(first, first + batchSize)
      const { pixel_values } = await processor.process(batch)
      const logits = (await (await compare(input_ids, attention_mask, pixel_values)).data()) as Float32Array
      for (const i of batch.keys()) {
        const row = logits.slice(i * labels.length, (i + 1) * labels.length)
        found.push(best(softmax(row), labels, null))
      }
    }
    return found
  }

  function call(
    picture: Picture,
    labels: readonly string[],
    options?: ZeroShotImageOptions,
  ): Promise<readonly LabelScore[]>
  function call(
    pictures: readonly Picture[],
    labels: readonly string[],
    options?: ZeroShotImageOptions,
  ): Promise<readonly (readonly LabelScore[])[]>
  function call(
    given: Picture | readonly Picture[],
    labels: readonly string[],
    options?: ZeroShotImageOptions,
  ) {
    checkLabels(task, labels)
    const run = batched<Picture, ZeroShotImageOptions, readonly LabelScore[]>(
      task,
      optionChecks,
      (pictures, own) => scoresOf(pictures, labels, own),
    )
    return isList(given) ? run(given, options) : run(given, options)
  }
  return Object.assign(call, { task, ...parts })
}

const isList = (given: Picture | readonly Picture[]): given is readonly Picture[] => Array.isArray(given)

/** How many tokens CLIP's texts may have. */
function positionsOf({ model, tokenizer }: PictureTextParts): number {
  const text = Object(model.config.text_config) as { readonly max_position_embeddings?: unknown }
  return Math.min(
    Number(text.max_position_embeddings ?? 77),
    tokenizer.modelMaxLength ?? Number.POSITIVE_INFINITY,
  )
}
