import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Picture } from '../processors/picture.ts'
import { type BatchedCall, batched, runChecks } from './batched.ts'
import type { PictureParts } from './parts.ts'
import { predictPictures } from './picture-rows.ts'
import type { RunOptions } from './rows.ts'

export interface ImageFeatureExtractionOptions extends RunOptions {
  /** Whether a picture becomes one vector, as the model pools it. Default false: the states of its patches. */
  readonly pool?: boolean
}

const optionChecks = optionsOf<ImageFeatureExtractionOptions>()({ pool: checks.boolean, ...runChecks })

/**
 * Vectors of pictures: for each (patches, width), or (width) where it is pooled. CLIP's pictures become the vectors that its
 * texts are compared with.
 */
export interface ImageFeatureExtractor
  extends BatchedCall<Picture, ImageFeatureExtractionOptions, Tensor>,
    PictureParts {
  readonly task: string
}

export function imageFeatureExtraction(parts: PictureParts): ImageFeatureExtractor {
  const task = 'image-feature-extraction'
  const call = batched<Picture, ImageFeatureExtractionOptions, Tensor>(
    task,
    optionChecks,
    async (pictures, options) => {
      const rows = await predictPictures(task, parts, pictures, options)
      return rows.map((row) => {
        const name =
          'image_embeds' in row ? 'image_embeds' : options.pool ? 'pooler_output' : 'last_hidden_state'
        const output = row[name]
        if (output !== undefined) return tensor(output.data, { shape: output.shape })
        throw new ArgumentError({
          where: task,
          expected: `a network that gives ${name}`,
          received: `${parts.model.network.className} with ${Object.keys(row).join(', ')}`,
        })
      })
    },
  )
  return Object.assign(call, { task, ...parts })
}
