import { ignoredLabel } from '../layers/labels.ts'
import type { TextBlock } from './text-blocks.ts'

/** A sample of language modelling: what a network reads, and what its logits are compared with. */
export interface LanguageSample {
  /** The network's inputs, by Hugging Face's names; int32. */
  readonly inputs: Readonly<Record<string, Int32Array>>
  /** The token that each position is to give; {@link ignoredLabel} where nothing is asked. */
  readonly labels: Int32Array
}

/**
 * What a causal language model learns of a block: at each token but the last, the next one of the same text.
 *
 * @param withSegments whether the network is told of segments: where blocks have several.
 * @example
 * causalSample({ ids: Int32Array.of(5, 6, 7), segments: Int32Array.of(1, 1, 1), words }).labels // [6, 7]
 */
export function causalSample({ ids, segments }: TextBlock, withSegments = false): LanguageSample {
  const length = ids.length - 1
  const labels = Int32Array.from({ length }, (_, i) =>
    segments[i] !== 0 && segments[i] === segments[i + 1] ? (ids[i + 1] as number) : ignoredLabel,
  )
  return {
    inputs: {
      input_ids: ids.subarray(0, length),
      ...(withSegments && { segment_ids: segments.subarray(0, length) }),
    },
    labels,
  }
}
