import { makeActivationLayersBy } from '../activations/get.ts'
import { ArgumentError, UnknownNameError } from '../base/errors.ts'
import { nearestName } from '../base/nearest-name.ts'
import { findRegistered, keepRegistered, registeredNames } from '../base/registered.ts'
import { isSerialized, type SerializedObject } from '../base/serialization.ts'
import { Activation } from './activation.ts'
import { ActivityRegularization } from './activity-regularization.ts'
import {
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
} from './adaptive-average-pooling.ts'
import { AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D } from './adaptive-max-pooling.ts'
import { Add } from './add.ts'
import { AdditiveAttention } from './additive-attention.ts'
import { AlphaDropout } from './alpha-dropout.ts'
import { Attention } from './attention.ts'
import { Average } from './average.ts'
import { AveragePooling1D, AveragePooling2D, AveragePooling3D } from './average-pooling.ts'
import { BatchNormalization } from './batch-normalization.ts'
import { Concatenate } from './concatenate.ts'
import { Conv1D, Conv2D, Conv3D } from './conv.ts'
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } from './conv-transpose.ts'
import { Cropping1D, Cropping2D, Cropping3D } from './cropping.ts'
import { Dense } from './dense.ts'
import { DepthwiseConv1D, DepthwiseConv2D } from './depthwise-conv.ts'
import { Dot } from './dot.ts'
import { Dropout } from './dropout.ts'
import { EinsumDense } from './einsum-dense.ts'
import { ELU } from './elu.ts'
import { Embedding } from './embedding.ts'
import { Flatten } from './flatten.ts'
import { GaussianDropout } from './gaussian-dropout.ts'
import { GaussianNoise } from './gaussian-noise.ts'
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
} from './global-average-pooling.ts'
import { GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D } from './global-max-pooling.ts'
import { GroupNormalization } from './group-normalization.ts'
import { GroupQueryAttention } from './group-query-attention.ts'
import { Identity } from './identity.ts'
import { InputLayer } from './input.ts'
import { Lambda } from './lambda.ts'
import type { AnyLayer, Layer } from './layer.ts'
import { LayerNormalization } from './layer-normalization.ts'
import { LeakyReLU } from './leaky-relu.ts'
import { Masking } from './masking.ts'
import { MaxPooling1D, MaxPooling2D, MaxPooling3D } from './max-pooling.ts'
import { Maximum } from './maximum.ts'
import { Minimum } from './minimum.ts'
import { MultiHeadAttention } from './multi-head-attention.ts'
import { Multiply } from './multiply.ts'
import { nestLayersBy } from './nested.ts'
import { isOperation, operationOf } from './operations/operation.ts'
import { PReLU } from './p-relu.ts'
import { Permute } from './permute.ts'
import {
  Bidirectional,
  ConvLSTM1D,
  ConvLSTM2D,
  ConvLSTM3D,
  ConvLSTMCell,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  RNN,
  SimpleRNN,
  SimpleRNNCell,
  StackedRNNCells,
  TimeDistributed,
} from './recurrent/index.ts'
import { ReLU } from './relu.ts'
import { RepeatVector } from './repeat-vector.ts'
import { Rescaling } from './rescaling.ts'
import { Reshape } from './reshape.ts'
import { ReversibleEmbedding } from './reversible-embedding.ts'
import { RMSNormalization } from './rms-normalization.ts'
import { SeparableConv1D, SeparableConv2D } from './separable-conv.ts'
import { sharedLayer } from './sharing.ts'
import { Softmax } from './softmax.ts'
import { SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from './spatial-dropout.ts'
import { SpectralNormalization } from './spectral-normalization.ts'
import { Subtract } from './subtract.ts'
import { UnitNormalization } from './unit-normalization.ts'
import { UpSampling1D, UpSampling2D, UpSampling3D } from './up-sampling.ts'
import { ZeroPadding1D, ZeroPadding2D, ZeroPadding3D } from './zero-padding.ts'

/** Makes a layer from what its `getConfig` gave. */
export type LayerMaker = (config: Record<string, unknown>) => AnyLayer

/** Each class checks its own options; the table only knows that it takes some. */
type LayerClass = new (options: never) => AnyLayer

const classes = {
  Activation,
  ActivityRegularization,
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
  Add,
  AdditiveAttention,
  AlphaDropout,
  Attention,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  BatchNormalization,
  Bidirectional,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Conv3D,
  Conv3DTranspose,
  ConvLSTM1D,
  ConvLSTM2D,
  ConvLSTM3D,
  ConvLSTMCell,
  Cropping1D,
  Cropping2D,
  Cropping3D,
  Dense,
  DepthwiseConv1D,
  DepthwiseConv2D,
  Dot,
  Dropout,
  EinsumDense,
  ELU,
  Embedding,
  Flatten,
  GaussianDropout,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  GroupNormalization,
  GroupQueryAttention,
  GRU,
  GRUCell,
  Identity,
  InputLayer,
  Lambda,
  LayerNormalization,
  LeakyReLU,
  LSTM,
  LSTMCell,
  Maximum,
  Masking,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  Minimum,
  MultiHeadAttention,
  Multiply,
  Permute,
  PReLU,
  ReLU,
  RepeatVector,
  Rescaling,
  Reshape,
  ReversibleEmbedding,
  RMSNormalization,
  RNN,
  SeparableConv1D,
  SeparableConv2D,
  SimpleRNN,
  SimpleRNNCell,
  Softmax,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  SpectralNormalization,
  StackedRNNCells,
  Subtract,
  TimeDistributed,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
} satisfies Readonly<Record<string, LayerClass>>

/** The class names of all layers of the library. */
export type LayerClassName = keyof typeof classes

/** Whether a class is one of the library's layers, rather than one that was registered. */
export const isLibraryLayer = (className: string): boolean => Object.hasOwn(classes, className)

/**
 * Lets saved models contain a layer of one's own, by its class name alone. What belongs to a package is registered with
 * the package's name: `register('layer', Scale, { package: 'signal' })`.
 *
 * @param className the layer's `className`.
 * @param make makes the layer from what its `getConfig` gave.
 * @throws ArgumentError if the library has a layer of this name.
 * @example
 * registerLayer('Scale', (config) => new Scale(config))
 */
export function registerLayer(className: string, make: LayerMaker): void {
  if (isLibraryLayer(className)) {
    throw new ArgumentError({
      where: 'registerLayer',
      expected: 'a class name that the library does not have',
      received: `'${className}'`,
      fix: "Give the class a className of its own, such as 'MyDense'.",
    })
  }
  keepRegistered('layer', { name: className, of: make, make })
}

/**
 * The layer that a saved configuration describes, without weights.
 *
 * @throws UnknownNameError for a class that is neither the library's nor registered, with the nearest known
 * name; what the class throws for options that are none.
 * @example
 * deserializeLayer({ className: 'Dense', config: { units: 64 } })
 */
export function deserializeLayer(saved: SerializedObject): Layer {
  if (!isSerialized(saved) || saved.config === null) {
    throw new ArgumentError({
      where: 'deserializeLayer',
      expected: 'an object { className, config }',
      received: JSON.stringify(saved) ?? String(saved),
    })
  }
  const { className, config } = saved
  if (isOperation(saved)) return operationOf(saved) as unknown as Layer
  const make = makerOf(saved)
  if (make === undefined) {
    const near = nearestName(className, [...Object.keys(classes), ...registeredNames('layer')])
    throw new UnknownNameError({
      where: 'layer',
      expected: "a class of the library's layers, or one that was registered",
      received: `'${className}'`,
      fix: `${near === undefined ? '' : `Did you mean '${near}'? `}Register a layer of your own: registerLayer('${className}', make).`,
    })
  }
  return sharedLayer(saved.sharedObjectId, () => {
    // What stands in the layer says for itself whether it is trained: the option of a constructor would freeze it all.
    const { trainable, ...options } = config
    const layer = make(options) as unknown as Layer
    if (trainable === false) layer.restoreTrainable(false)
    return layer
  })
}

/** What makes a layer of the class that a configuration names. @throws UnregisteredError naming a missing package. */
function makerOf(saved: SerializedObject): LayerMaker | undefined {
  const own = findRegistered('layer', saved)?.make
  // What is registered as a layer makes layers: `registerLayer` and `register` are typed by that.
  if (own !== undefined) return own as LayerMaker
  if (!isLibraryLayer(saved.className)) return undefined
  const LayerOf: LayerClass = classes[saved.className as LayerClassName]
  return (config) => new LayerOf(config as never)
}

nestLayersBy(deserializeLayer)
makeActivationLayersBy(deserializeLayer)
