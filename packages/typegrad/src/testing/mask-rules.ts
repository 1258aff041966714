/** What a layer does with masks. */
export interface MaskRule {
  /** Whether masks change what it computes. */
  readonly heeds: boolean
  /** What mask the output has. */
  readonly output: MaskSource
}

/**
 * Where the mask of an output comes from:
 * - `same`: it is the input's, or of several inputs the first one's (attention's queries);
 * - `none`: all steps count, or there are none any more;
 * - `made`: from the values of the input, whatever mask that had;
 * - `either`: a step counts if it does in one of the inputs, and all do if one of them has no mask;
 * - `joined`: those of the inputs along the axis of their concatenation;
 * - `sequences`: the input's, if the output still has its steps (`returnSequences`);
 * - `wrapped`: what the wrapped layer's output has;
 * - `fitting`: the input's, without the axes that the wrapped layer has taken away;
 * - `option`: what an option says.
 */
export type MaskSource =
  | 'same'
  | 'none'
  | 'made'
  | 'either'
  | 'joined'
  | 'sequences'
  | 'wrapped'
  | 'fitting'
  | 'option'

const passes: MaskRule = { heeds: false, output: 'same' }
const ends: MaskRule = { heeds: false, output: 'none' }
const either: MaskRule = { heeds: false, output: 'either' }
const recurrent: MaskRule = { heeds: true, output: 'sequences' }
const attention: MaskRule = { heeds: true, output: 'same' }

/** Layers that make data ready, of which no input has steps that are masked: what comes out has no mask. */
export const preprocessing: readonly string[] =
  `AugMix AutoContrast CategoryEncoding CenterCrop ContrastLimitedAdaptiveHistogramEqualization CutMix
   Discretization Equalization HashedCrossing Hashing IntegerLookup MaxNumBoundingBoxes MelSpectrogram MixUp
   RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop
   RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert
   RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear
   RandomTranslation RandomZoom Resizing STFTSpectrogram Solarization StringLookup TextVectorization`.split(
    /\s+/,
  )

/**
 * What every layer of Keras's does with masks, as in Keras 3.15.1. `layers/base/mask-rules.test.ts` holds each row against
 * what the layer does and against what Keras does in several hundred cases, and asks for the rows of new ones.
 */
export const maskRules: Readonly<Record<string, MaskRule>> = {
  ...Object.fromEntries(preprocessing.map((name) => [name, ends])),
  Activation: passes,
  ActivityRegularization: passes,
  AdaptiveAveragePooling1D: ends,
  AdaptiveAveragePooling2D: ends,
  AdaptiveAveragePooling3D: ends,
  AdaptiveMaxPooling1D: ends,
  AdaptiveMaxPooling2D: ends,
  AdaptiveMaxPooling3D: ends,
  Add: either,
  AdditiveAttention: attention,
  AlphaDropout: passes,
  Attention: attention,
  Average: either,
  AveragePooling1D: ends,
  AveragePooling2D: ends,
  AveragePooling3D: ends,
  // Statistics of the batch leave masked steps out.
  BatchNormalization: { heeds: true, output: 'same' },
  Bidirectional: recurrent,
  Concatenate: { heeds: false, output: 'joined' },
  Conv1D: ends,
  Conv1DTranspose: ends,
  Conv2D: ends,
  Conv2DTranspose: ends,
  Conv3D: ends,
  Conv3DTranspose: ends,
  ConvLSTM1D: recurrent,
  ConvLSTM2D: recurrent,
  ConvLSTM3D: recurrent,
  ConvLSTMCell: ends,
  Cropping1D: ends,
  Cropping2D: ends,
  Cropping3D: ends,
  Dense: passes,
  DepthwiseConv1D: ends,
  DepthwiseConv2D: ends,
  Dot: ends,
  Dropout: passes,
  EinsumDense: ends,
  ELU: passes,
  // With maskZero; without it there is none.
  Embedding: { heeds: false, output: 'made' },
  Flatten: ends,
  GaussianDropout: passes,
  GaussianNoise: passes,
  // The mean is that of the steps that count.
  GlobalAveragePooling1D: { heeds: true, output: 'none' },
  GlobalAveragePooling2D: ends,
  GlobalAveragePooling3D: ends,
  GlobalMaxPooling1D: ends,
  GlobalMaxPooling2D: ends,
  GlobalMaxPooling3D: ends,
  GroupNormalization: passes,
  GroupQueryAttention: attention,
  GRU: recurrent,
  GRUCell: ends,
  Identity: passes,
  InputLayer: passes,
  // Its function is told of the mask.
  Lambda: { heeds: false, output: 'option' },
  LayerNormalization: passes,
  LeakyReLU: passes,
  LSTM: recurrent,
  LSTMCell: ends,
  // Masked steps of one take no part.
  Maximum: { heeds: true, output: 'either' },
  Masking: { heeds: false, output: 'made' },
  MaxPooling1D: ends,
  MaxPooling2D: ends,
  MaxPooling3D: ends,
  Minimum: { heeds: true, output: 'either' },
  MultiHeadAttention: attention,
  // Masked steps of one count as 1.
  Multiply: { heeds: true, output: 'either' },
  Normalization: passes,
  Permute: ends,
  // What each of its layers does.
  Pipeline: { heeds: false, output: 'wrapped' },
  PReLU: passes,
  ReLU: passes,
  RepeatVector: ends,
  Rescaling: passes,
  Reshape: ends,
  // With maskZero, of indices.
  ReversibleEmbedding: { heeds: false, output: 'made' },
  RMSNormalization: ends,
  RNN: recurrent,
  SeparableConv1D: ends,
  SeparableConv2D: ends,
  SimpleRNN: recurrent,
  SimpleRNNCell: ends,
  // A mask for each score; one of whole steps is passed on.
  Softmax: { heeds: true, output: 'same' },
  SpatialDropout1D: passes,
  SpatialDropout2D: passes,
  SpatialDropout3D: passes,
  SpectralNormalization: { heeds: false, output: 'wrapped' },
  StackedRNNCells: ends,
  Subtract: either,
  // What the wrapped layer heeds, step by step.
  TimeDistributed: { heeds: true, output: 'fitting' },
  UnitNormalization: passes,
  UpSampling1D: ends,
  UpSampling2D: ends,
  UpSampling3D: ends,
  ZeroPadding1D: ends,
  ZeroPadding2D: ends,
  ZeroPadding3D: ends,
}
