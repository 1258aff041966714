import { initializers, layers } from 'typegrad'

/** A dense layer of a transformer, whose weights begin as normal numbers of this deviation, and biases as zeros. */
export const linear = (
  units: number,
  options: { readonly useBias?: boolean; readonly stddev?: number } = {},
): layers.Dense =>
  layers.dense({
    units,
    useBias: options.useBias ?? true,
    kernelInitializer: initializers.randomNormal({ stddev: options.stddev ?? 0.02 }),
  })

/** A table of embeddings that begin as normal numbers of this deviation; `reverse` gives scores of all words by it. */
export const embedding = (inputDim: number, outputDim: number, stddev = 0.02): layers.ReversibleEmbedding =>
  layers.reversibleEmbedding({
    inputDim,
    outputDim,
    embeddingsInitializer: initializers.randomNormal({ stddev }),
  })
