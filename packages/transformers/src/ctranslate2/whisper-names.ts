/** Where CTranslate2 has a weight of Whisper: a tensor, or one of several equal parts of its rows. */
export interface WhisperPlace {
  readonly tensor: string
  readonly part: number
  readonly parts: number
}

/** A tensor without `weight` or `bias`, and which part of how many it is. */
type Stem = readonly [stem: string, part?: number, parts?: number]

/** CTranslate2's names of a block's parts, by Hugging Face's. Projections of the same states stand in one tensor. */
const blockParts: Readonly<Record<string, Stem>> = {
  'self_attn.q_proj': ['self_attention/linear_0', 0, 3],
  'self_attn.k_proj': ['self_attention/linear_0', 1, 3],
  'self_attn.v_proj': ['self_attention/linear_0', 2, 3],
  'self_attn.out_proj': ['self_attention/linear_1'],
  self_attn_layer_norm: ['self_attention/layer_norm'],
  'encoder_attn.q_proj': ['attention/linear_0'],
  'encoder_attn.k_proj': ['attention/linear_1', 0, 2],
  'encoder_attn.v_proj': ['attention/linear_1', 1, 2],
  'encoder_attn.out_proj': ['attention/linear_2'],
  encoder_attn_layer_norm: ['attention/layer_norm'],
  final_layer_norm: ['ffn/layer_norm'],
  fc1: ['ffn/linear_0'],
  fc2: ['ffn/linear_1'],
}

const otherParts: Readonly<Record<string, Stem>> = {
  conv1: ['conv1'],
  conv2: ['conv2'],
  layer_norm: ['layer_norm'],
  embed_tokens: ['embeddings'],
  embed_positions: ['position_encodings'],
}

/** Where a weight is that checkpoints have under a name; undefined for one that CTranslate2 has no name for. */
export function whisperPlace(name: string): WhisperPlace | undefined {
  const found = /^model\.(encoder|decoder)\.(?:layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name)
  if (found === null) return undefined
  const [, stack, block, part, kind] = found as unknown as readonly [
    string,
    string,
    string?,
    string?,
    string?,
  ]
  const stem = (block === undefined ? otherParts : blockParts)[part as string]
  if (stem === undefined) return undefined
  const [own, at = 0, parts = 1] = stem
  const last = own.endsWith('layer_norm')
    ? kind === 'weight'
      ? 'gamma'
      : 'beta'
    : own === 'position_encodings'
      ? 'encodings'
      : kind
  return { tensor: `${stack}/${block === undefined ? '' : `layer_${block}/`}${own}/${last}`, part: at, parts }
}
