import { ops, type Tensor, tensor } from 'typegrad'
import { checkOptions, optionsOf, ShapeError } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ignoredLabel } from './labels.ts'

export interface ShiftTokensOptions {
  /** What stands in place of −100, which losses leave out: `pad_token_id` of `config.json`. */
  readonly padTokenId: number
  /**
   * What each text begins with: `decoder_start_token_id` of `config.json`. Default: the last of the text's tokens that is no
   * padding, which in mBART's labels is the language.
   */
  readonly decoderStartTokenId?: number
}

const shiftTokensChecks = optionsOf<ShiftTokensOptions>()({
  padTokenId: checks.needed(checks.wholeFrom(0)),
  decoderStartTokenId: checks.wholeFrom(0),
})

/**
 * What the decoder of an encoder–decoder reads while it learns to write the labels: at each position the label before, so
 * that it never sees the one that it is to predict (teacher forcing).
 *
 * @param labels (batch, length), whole numbers.
 * @returns (batch, length), int32.
 * @throws ShapeError for labels of another rank; ArgumentError for options that are none.
 * @example
 * shiftTokensRight(tensor([[7, 9, 2, -100]]), { padTokenId: 1, decoderStartTokenId: 2 }) // [[2, 7, 9, 2]]
 */
export function shiftTokensRight(labels: Tensor, options: ShiftTokensOptions): Tensor {
  checkOptions('shiftTokensRight', options, shiftTokensChecks)
  if (labels.rank !== 2) {
    throw new ShapeError({
      where: 'shiftTokensRight',
      expected: 'labels (batch, length)',
      received: `shape [${labels.shape.join(', ')}]`,
    })
  }
  const { padTokenId, decoderStartTokenId } = options
  const [batch, length] = labels.shape as readonly [number, number]
  const whole = labels.cast('int32')
  const ids = ops.where(whole.equal(ignoredLabel), tensor(padTokenId, { dtype: 'int32' }), whole)
  const first =
    decoderStartTokenId === undefined
      ? lastTokens(ids, padTokenId)
      : tensor(decoderStartTokenId, { dtype: 'int32' }).broadcastTo([batch, 1])
  return ops.concat([first, ids.slice([0, 0], [batch, length - 1])], 1)
}

/** The last token of each text that is padded on the right: (batch, length) → (batch, 1) */
function lastTokens(ids: Tensor, padTokenId: number): Tensor {
  const counted = ids.notEqual(padTokenId).cast('int32').sum(1, { keepDims: true })
  return ids.takeAlongAxis(counted.sub(1).maximum(0).cast('int32'), 1)
}
