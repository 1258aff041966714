import { makeActivationLayersBy } from '../../activations/get.ts'
import { ArgumentError, UnknownNameError } from '../../base/errors.ts'
import { nearestName } from '../../base/nearest-name.ts'
import { findRegistered, keepRegistered, registeredNames } from '../../base/registered.ts'
import { isSerialized, type SerializedObject } from '../../base/serialization.ts'
import { Activation } from '../activations/activation.ts'
import { ELU } from '../activations/elu.ts'
import { LeakyReLU } from '../activations/leaky-relu.ts'
import { PReLU } from '../activations/p-relu.ts'
import { ReLU } from '../activations/relu.ts'
import { Softmax } from '../activations/softmax.ts'
import { AdditiveAttention } from '../attention/additive-attention.ts'
import { Attention } from '../attention/attention.ts'
import { GroupQueryAttention } from '../attention/group-query-attention.ts'
import { MultiHeadAttention } from '../attention/multi-head-attention.ts'
import { Conv1D, Conv2D, Conv3D } from '../convolutional/conv.ts'
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } from '../convolutional/conv-transpose.ts'
import { DepthwiseConv1D, DepthwiseConv2D } from '../convolutional/depthwise-conv.ts'
import { SeparableConv1D, SeparableConv2D } from '../convolutional/separable-conv.ts'
import { Dense } from '../core/dense.ts'
import { EinsumDense } from '../core/einsum-dense.ts'
import { Embedding } from '../core/embedding.ts'
import { Identity } from '../core/identity.ts'
import { InputLayer } from '../core/input.ts'
import { Lambda } from '../core/lambda.ts'
import { Masking } from '../core/masking.ts'
import { ReversibleEmbedding } from '../core/reversible-embedding.ts'
import { Add } from '../merging/add.ts'
import { Average } from '../merging/average.ts'
import { Concatenate } from '../merging/concatenate.ts'
import { Dot } from '../merging/dot.ts'
import { Maximum } from '../merging/maximum.ts'
import { Minimum } from '../merging/minimum.ts'
import { Multiply } from '../merging/multiply.ts'
import { Subtract } from '../merging/subtract.ts'
import { BatchNormalization } from '../normalization/batch-normalization.ts'
import { GroupNormalization } from '../normalization/group-normalization.ts'
import { LayerNormalization } from '../normalization/layer-normalization.ts'
import { RMSNormalization } from '../normalization/rms-normalization.ts'
import { SpectralNormalization } from '../normalization/spectral-normalization.ts'
import { UnitNormalization } from '../normalization/unit-normalization.ts'
import { isOperation, operationOf } from '../operations/operation.ts'
import {
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
} from '../pooling/adaptive-average-pooling.ts'
import {
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
} from '../pooling/adaptive-max-pooling.ts'
import { AveragePooling1D, AveragePooling2D, AveragePooling3D } from '../pooling/average-pooling.ts'
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
} from '../pooling/global-average-pooling.ts'
import { GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D } from '../pooling/global-max-pooling.ts'
import { MaxPooling1D, MaxPooling2D, MaxPooling3D } from '../pooling/max-pooling.ts'
import { Rescaling } from '../preprocessing/rescaling.ts'
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
} from '../recurrent/index.ts'
import { ActivityRegularization } from '../regularization/activity-regularization.ts'
import { AlphaDropout } from '../regularization/alpha-dropout.ts'
import { Dropout } from '../regularization/dropout.ts'
import { GaussianDropout } from '../regularization/gaussian-dropout.ts'
import { GaussianNoise } from '../regularization/gaussian-noise.ts'
import { SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from '../regularization/spatial-dropout.ts'
import { Cropping1D, Cropping2D, Cropping3D } from '../reshaping/cropping.ts'
import { Flatten } from '../reshaping/flatten.ts'
import { Permute } from '../reshaping/permute.ts'
import { RepeatVector } from '../reshaping/repeat-vector.ts'
import { Reshape } from '../reshaping/reshape.ts'
import { UpSampling1D, UpSampling2D, UpSampling3D } from '../reshaping/up-sampling.ts'
import { ZeroPadding1D, ZeroPadding2D, ZeroPadding3D } from '../reshaping/zero-padding.ts'
import type { AnyLayer, Layer } from './layer.ts'
import { nestLayersBy } from './nested.ts'
import { sharedLayer } from './sharing.ts'

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
      fix: `${near === undefined ? '' : `Did you mean '${near}'? `}Register a layer of your own: register('layer', ${className}).`,
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
