import { layers, ops, type Tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'

export interface SoftmaxOptions {
  /** How many classes a pair of texts may be of, such as 3 for natural language inference. */
  readonly classes: number
  /** What the classifier is told of two embeddings u and v. Default u, v and |u − v|. */
  readonly features?: readonly ('embeddings' | 'difference' | 'product')[]
}

const optionChecks = optionsOf<SoftmaxOptions>()({
  classes: checks.needed(checks.count),
  features: checks.severalOf('features', checks.oneOf('embeddings', 'difference', 'product')),
})

/**
 * A classifier over two texts' embeddings, which learns along and is then left aside; how Sentence-BERT was trained on natural
 * language inference. Rows are `{ text, textPair, label }` with a class.
 *
 * Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084
 *
 * @example
 * const loss = embeddingLosses.softmax({ classes: 3 })
 */
export function softmax(options: SoftmaxOptions): EmbeddingLoss & { readonly classifier: layers.Dense } {
  checkOptions('softmax', options, optionChecks)
  const { classes, features = ['embeddings', 'difference'] } = options
  if (features.length === 0) {
    throw new ArgumentError({ where: 'softmax: features', expected: 'one or more', received: 'none' })
  }
  const classifier = layers.dense({ units: classes })
  return {
    ...{ name: 'softmax', rows: 'pairs', label: 'class' },
    classifier,
    prepare(width) {
      const vectors = features.reduce((sum, one) => sum + (one === 'embeddings' ? 2 : 1), 0)
      classifier.ensureBuilt([null, vectors * width])
      return classifier
    },
    call([texts, pairs], labels) {
      const [u, v] = [texts as Tensor, pairs as Tensor]
      const made = { embeddings: [u, v], difference: [u.sub(v).abs()], product: [u.mul(v)] }
      // Always in this order, as sentence-transformers concatenates them.
      const order = ['embeddings', 'difference', 'product'] as const
      const told = order.filter((one) => features.includes(one)).flatMap((one) => made[one])
      const logs = ops.logSoftmax(classifier.apply(ops.concat(told, 1)))
      const right = ops.oneHot((labels as Tensor).cast('int32'), classes)
      return logs.mul(right).sum(-1).mean().neg()
    },
  }
}
