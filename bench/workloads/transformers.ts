import { attention, constant, norm, small, type Weights } from './weights.ts'
import { step, type TensorSpec, text, training, type Workload } from './workload.ts'

/** A transformer: GPT (causal, norm first, no biases, tied head) or BERT (norm last, biases, head of its own). */
export interface TransformerSizes {
  readonly blocks: number
  readonly heads: number
  readonly width: number
  readonly vocabulary: number
  readonly batch: number
  readonly steps: number
}

export const transformerProducts = ({ blocks, width, batch, steps }: TransformerSizes): number =>
  blocks * batch * (12 * steps * width ** 2 + 2 * steps ** 2 * width)

export function gpt(): Workload {
  const sizes = { blocks: 6, heads: 6, width: 384, vocabulary: 65, batch: 4, steps: 256 }
  const { blocks, heads, width, vocabulary, batch, steps } = sizes
  const weights: TensorSpec[] = [
    small('tokens/embeddings', [vocabulary, width]),
    small('positions/embeddings', [steps, width]),
  ]
  for (let i = 0; i < blocks; i++) {
    weights.push(
      ...norm(`block${i}_norm0`, width, false),
      ...attention(`block${i}_attention`, width, heads, false),
    )
    weights.push(...norm(`block${i}_norm1`, width, false))
    weights.push(
      small(`block${i}_dense0/kernel`, [width, 4 * width]),
      small(`block${i}_dense1/kernel`, [4 * width, width]),
    )
  }
  weights.push(...norm('norm', width, false))
  return {
    ...step,
    id: 'gpt',
    title: `GPT, 10.7 M parameters (6 × 384, 6 heads), batch ${batch} × ${steps} tokens, AdamW`,
    kind: 'gpt',
    params: sizes,
    weights,
    data: [
      ...text(4, batch, steps, vocabulary),
      { name: 'y', shape: [4, batch, steps], fill: { kind: 'integers', below: vocabulary } },
    ],
    flops: training(transformerProducts(sizes) + batch * steps * width * vocabulary),
    perRound: 2,
    rounds: 6,
    warmUp: 2,
    tryOneThread: false,
    memory: 2.5e9,
    target: 0.8,
  }
}

export function bertWeights(
  { blocks, heads, width, vocabulary, steps }: TransformerSizes,
  classes: number,
): Weights {
  const weights: TensorSpec[] = [
    small('tokens/embeddings', [vocabulary, width]),
    small('positions/embeddings', [steps, width]),
    ...norm('norm', width),
  ]
  for (let i = 0; i < blocks; i++) {
    weights.push(...attention(`block${i}_attention`, width, heads, true), ...norm(`block${i}_norm0`, width))
    weights.push(
      small(`block${i}_dense0/kernel`, [width, 4 * width]),
      constant(`block${i}_dense0/bias`, [4 * width], 0),
    )
    weights.push(
      small(`block${i}_dense1/kernel`, [4 * width, width]),
      constant(`block${i}_dense1/bias`, [width], 0),
    )
    weights.push(...norm(`block${i}_norm1`, width))
  }
  weights.push(small('pooler/kernel', [width, width]), constant('pooler/bias', [width], 0))
  weights.push(small('classes/kernel', [width, classes]), constant('classes/bias', [classes], 0))
  return weights
}

export function bert(): Workload {
  const sizes = { blocks: 12, heads: 12, width: 768, vocabulary: 30_522, batch: 4, steps: 128 }
  const { batch, steps, vocabulary } = sizes
  return {
    ...step,
    id: 'bert',
    title: `BERT-base (12 × 768, 109 M parameters) fine-tuning, batch ${batch} × ${steps} tokens, AdamW`,
    kind: 'bert',
    params: { ...sizes, classes: 2 },
    weights: bertWeights(sizes, 2),
    data: [
      ...text(2, batch, steps, vocabulary),
      { name: 'y', shape: [2, batch], fill: { kind: 'integers', below: 2 } },
    ],
    flops: training(transformerProducts(sizes)),
    perRound: 1,
    rounds: 4,
    warmUp: 1,
    tryOneThread: false,
    memory: 5e9,
    target: 0.8,
  }
}
