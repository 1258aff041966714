import { ops, type Tensor } from 'typegrad'

export interface CtcIdsOptions {
  /** The class that stands for no letter: `pad_token_id` of a model's configuration. Default 0. */
  readonly blank?: number
  /** How many frames of each sound count. Default all. */
  readonly frames?: readonly number[]
}

/**
 * What a network with a CTC head spells, by the likeliest class of each frame: repetitions count once, blanks not at all.
 *
 * Graves et al. 2006, "Connectionist temporal classification", https://doi.org/10.1145/1143844.1143891
 *
 * @param logits (batch, frames, classes), of `Wav2Vec2ForCTC`. `ops.ctcDecode` has a search for better paths.
 * @returns ids of each sound, for a tokenizer to decode.
 * @throws ShapeError for other logits; ArgumentError for options that do not fit.
 * @example
 * const logits = tensor([[[9, 0, 0], [0, 9, 0], [0, 9, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]]])
 * await ctcIds(logits) // [[1, 1, 2]]
 */
export async function ctcIds(
  logits: Tensor,
  { blank = 0, frames }: CtcIdsOptions = {},
): Promise<readonly (readonly number[])[]> {
  const sequenceLengths = frames === undefined ? {} : { sequenceLengths: frames }
  const { decoded } = await ops.ctcDecode(logits, { maskIndex: blank, ...sequenceLengths })
  const rows = await decoded.squeeze(0).toArray()
  return rows.map((row) => row.filter((id) => id >= 0))
}
