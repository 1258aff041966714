import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { blocksOf } from '../layers/blocks.ts'

/**
 * Floating-point operations that a language model needs to learn from a token, forwards and backwards: 6 for each weight of a
 * matrix that it goes through, and 12 · blocks · width · length for the attention of a text of this length (Chowdhery et al.
 * 2022, appendix B; Kaplan et al. 2020, https://arxiv.org/abs/2001.08361). Tables that are only looked up count nothing, one
 * that is the head too counts once.
 *
 * @example
 * flopsPerToken(model, 1024) // 8.5e8 for GPT-2 of 124 million weights
 */
export function flopsPerToken(model: PretrainedModel, length: number): number {
  const { network, config } = model
  const reader = new ConfigReader(config)
  const width = reader.count(['n_embd', 'hidden_size', 'd_model', 'dim'])
  const words = reader.count('vocab_size')
  const places = [...network.weightPaths]
  const matrices = places.filter(([path, weight]) => weight.shape.length >= 2 && !path.endsWith('embeddings'))
  const isTied = !matrices.some(([, { shape }]) => shape.at(-1) === words)
  const weights = matrices.reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0)
  return 6 * (weights + (isTied ? words * width : 0)) + 12 * blocksOf(network).length * width * length
}
