/**
 * `layers/core/`: products, look-up, inputs and layers of a function. They know a layer's base and nothing of other
 * layers.
 */
export { Dense, type DenseOptions, dense } from './dense.ts'
export { EinsumDense, type EinsumDenseOptions, einsumDense } from './einsum-dense.ts'
export { Embedding, type EmbeddingOptions, embedding } from './embedding.ts'
export { Identity, identity } from './identity.ts'
export { InputLayer, type InputOptions, input } from './input.ts'
export { Lambda, type LambdaFunction, type LambdaOptions, lambda, registerLambda } from './lambda.ts'
export { Masking, type MaskingOptions, masking } from './masking.ts'
export {
  ReversibleEmbedding,
  type ReversibleEmbeddingOptions,
  reversibleEmbedding,
} from './reversible-embedding.ts'
