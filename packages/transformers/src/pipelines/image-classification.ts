import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Picture } from '../processors/picture.ts'
import { type BatchedCall, batched, runChecks } from './batched.ts'
import type { PictureParts } from './parts.ts'
import { predictPictures } from './picture-rows.ts'
import type { RunOptions } from './rows.ts'
import { best, type LabelScore, modelLabels, scored, usualFunction } from './scores.ts'

export interface ImageClassificationOptions extends RunOptions {
  /** How many classes are told, the likeliest first; null for all. Default 5. */
  readonly topK?: number | null
  /** What makes scores of the model's numbers. Default as the model was trained. */
  readonly functionToApply?: 'none' | 'sigmoid' | 'softmax'
}

const optionChecks = optionsOf<ImageClassificationOptions>()({
  topK: checks.orNull(checks.count),
  functionToApply: checks.oneOf('none', 'sigmoid', 'softmax'),
  ...runChecks,
})

/** Classes of pictures: for each a list, the likeliest first. */
export interface ImageClassifier
  extends BatchedCall<Picture, ImageClassificationOptions, readonly LabelScore[]>,
    PictureParts {
  readonly task: string
}

export function imageClassification(parts: PictureParts): ImageClassifier {
  const task = 'image-classification'
  const labels = modelLabels(parts)
  const usual = usualFunction(parts, labels.length)
  const call = batched<Picture, ImageClassificationOptions, readonly LabelScore[]>(
    task,
    optionChecks,
    async (pictures, options) => {
      const { topK = 5, functionToApply = usual } = options
      const rows = await predictPictures(task, parts, pictures, options)
      return rows.map((row) => best(scored[functionToApply](row.logits?.data ?? []), labels, topK))
    },
  )
  return Object.assign(call, { task, ...parts })
}
