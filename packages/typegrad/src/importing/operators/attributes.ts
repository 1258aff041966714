import type { FileAttribute, FileNode } from '../../onnx/file.ts'

/** What becomes of an attribute that a node has. */
export type Reading =
  | { readonly kind: 'read' }
  /** It changes nothing of what is computed here. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** It would change what is computed, in a way that is not supported; these values, defaults among them, do not. */
  | { readonly kind: 'only'; readonly values: readonly (number | string)[] }

export type Attributes = Readonly<Record<string, Reading>>

const read = (names: string): Attributes =>
  Object.fromEntries(names.split(' ').map((name) => [name, { kind: 'read' } as const]))
const ignored = (names: string, why: string): Attributes =>
  Object.fromEntries(names.split(' ').map((name) => [name, { kind: 'ignored', why } as const]))
const only = (name: string, ...values: (number | string)[]): Attributes => ({
  [name]: { kind: 'only', values },
})

const alike = (operators: string, attributes: Attributes): Readonly<Record<string, Attributes>> =>
  Object.fromEntries(operators.split(' ').map((operator) => [operator, attributes]))

const inKernel = ignored('kernel_shape', "the kernel's own shape says it")
const inWeights = ignored('hidden_size', "the weights' shapes say it")
const precision = (name: string) => ignored(name, 'a precision; all is computed in float32 here')
const window = read('auto_pad dilations kernel_shape pads strides')
const convolution = { ...read('auto_pad dilations group pads strides'), ...inKernel }
const pool = { ...window, ...read('ceil_mode') }
const reduction = read('axes keepdims noop_with_empty_axes')
const position = read('axis keepdims select_last_index')
const old = ignored('consumed_inputs', 'a hint of where memory may be used again, of ONNX before version 6')
const shift = read('axis broadcast')
const recurrent = {
  ...read('activation_alpha activation_beta activations clip direction layout'),
  ...inWeights,
  ...ignored('output_sequence', 'which outputs are wanted, their names say'),
}
const maskFilter = ignored('mask_filter_value', 'what is added to scores that do not count; −∞ here')

/**
 * The attributes of ONNX's own operators, of all versions (https://onnx.ai/onnx/operators). Operators that have none do not stand
 * here.
 */
const own: Readonly<Record<string, Attributes>> = {
  ...alike('Celu Swish SwiGLU ThresholdedRelu', read('alpha')),
  ...alike('Elu LeakyRelu', { ...read('alpha'), ...old }),
  ...alike('Hardmax LogSoftmax Softmax', read('axis')),
  ...alike('Abs Ceil Exp Floor Log Max Mean Min Neg PRelu Reciprocal Relu Sigmoid Sqrt Sum Tanh', old),
  ...alike('Add Div Mul Sub', { ...shift, ...old }),
  ...alike('And Equal Greater Less Or Pow Xor', shift),
  ...alike('ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean', reduction),
  ...alike('ReduceMin ReduceProd ReduceSum ReduceSumSquare', reduction),
  ...alike('ArgMax ArgMin', position),
  ...alike('CumProd CumSum', read('exclusive reverse')),
  ...alike('NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss', read('ignore_index reduction')),
  ...alike('BlackmanWindow HammingWindow HannWindow', read('output_datatype periodic')),
  ...alike('DepthToSpace SpaceToDepth', read('blocksize mode')),
  ...alike('Conv ConvInteger QLinearConv', convolution),
  ...alike('Compress Concat Flatten Gather GatherElements OneHot Scatter', read('axis')),
  ...alike('CenterCropPad Squeeze Unsqueeze', read('axes')),
  AffineGrid: read('align_corners'),
  Attention: {
    ...read(
      'is_causal kv_num_heads left_window_size q_num_heads qk_matmul_output_mode right_window_size scale softcap',
    ),
    ...precision('softmax_precision'),
  },
  AveragePool: { ...pool, ...read('count_include_pad') },
  BatchNormalization: {
    ...{ ...read('epsilon momentum training_mode'), ...old },
    ...{ ...only('spatial', 1), ...only('is_test', 1) },
  },
  BitShift: read('direction'),
  // How numbers become ones of 8 bits, which tensors here never are.
  ...alike('Cast', { ...read('to'), ...only('saturate', 1), ...only('round_mode', 'up') }),
  CastLike: { ...only('saturate', 1), ...only('round_mode', 'up') },
  Clip: { ...read('max min'), ...old },
  Col2Im: read('dilations pads strides'),
  Constant: read('value value_float value_floats value_int value_ints'),
  ConstantOfShape: read('value'),
  ConvTranspose: { ...convolution, ...read('output_padding output_shape') },
  DFT: read('axis inverse onesided'),
  DeformConv: { ...read('dilations group offset_group pads strides'), ...inKernel },
  DequantizeLinear: { ...read('axis block_size'), ...only('output_dtype', 0, 1) },
  Dropout: { ...ignored('is_test ratio seed', 'nothing is dropped in a prediction'), ...old },
  Einsum: read('equation'),
  EyeLike: read('dtype k'),
  GRU: { ...recurrent, ...read('linear_before_reset') },
  GatherND: read('batch_dims'),
  Gelu: read('approximate'),
  Gemm: { ...read('alpha beta transA transB'), ...ignored('broadcast', 'what is added is broadcast anyway') },
  GlobalLpPool: read('p'),
  GridSample: read('align_corners mode padding_mode'),
  GroupNormalization: { ...read('epsilon num_groups'), ...precision('stash_type') },
  HardSigmoid: { ...read('alpha beta'), ...old },
  If: read('else_branch then_branch'),
  InstanceNormalization: { ...read('epsilon'), ...old },
  IsInf: read('detect_negative detect_positive'),
  LRN: read('alpha beta bias size'),
  LSTM: { ...recurrent, ...read('input_forget') },
  LayerNormalization: { ...read('axis epsilon'), ...precision('stash_type') },
  Loop: read('body'),
  LpNormalization: read('axis p'),
  LpPool: { ...pool, ...read('p') },
  MaxPool: { ...pool, ...read('storage_order') },
  MaxUnpool: read('kernel_shape pads strides'),
  MeanVarianceNormalization: {
    ...read('axes'),
    ...{ ...only('across_channels', 0), ...only('normalize_variance', 1) },
  },
  MelWeightMatrix: read('output_datatype'),
  Mod: read('fmod'),
  Pad: read('mode paddings pads value'),
  QuantizeLinear: {
    ...read('axis block_size output_dtype'),
    ...precision('precision'),
    // Of numbers of 8 bits with a point alone.
    ...only('saturate', 1),
  },
  RMSNormalization: { ...read('axis epsilon'), ...precision('stash_type') },
  RNN: recurrent,
  Range: precision('stash_type'),
  Reshape: { ...read('allowzero shape'), ...old },
  Resize: {
    ...read(
      'antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value',
    ),
    ...read('keep_aspect_ratio_policy mode nearest_mode'),
  },
  ReverseSequence: read('batch_axis time_axis'),
  RoiAlign: read(
    'coordinate_transformation_mode mode output_height output_width sampling_ratio spatial_scale',
  ),
  RotaryEmbedding: read('interleaved num_heads rotary_embedding_dim'),
  STFT: read('onesided'),
  Scan: {
    ...read(
      'body num_scan_inputs scan_input_axes scan_input_directions scan_output_axes scan_output_directions',
    ),
  },
  ScatterElements: read('axis reduction'),
  ScatterND: read('reduction'),
  Selu: { ...read('alpha gamma'), ...old },
  Shape: read('end start'),
  Shrink: read('bias lambd'),
  // ONNX Runtime's, which its optimiser writes under ONNX's own domain.
  SimplifiedLayerNormalization: { ...read('epsilon'), ...only('axis', -1), ...precision('stash_type') },
  Slice: read('axes ends starts'),
  Split: read('axis num_outputs split'),
  TensorScatter: read('axis mode'),
  TopK: {
    ...read('axis k largest'),
    ...ignored('sorted', 'they are sorted always; without it any order will do'),
  },
  Transpose: read('perm'),
  Trilu: read('upper'),
  Upsample: read('mode scales'),
}

/** Those of `ai.onnx.ml`. */
const ofMachineLearning: Readonly<Record<string, Attributes>> = {
  Binarizer: read('threshold'),
  LinearClassifier: {
    ...read('classlabels_ints coefficients intercepts post_transform'),
    ...ignored(
      'classlabels_strings',
      'classes with names are no tensors here, and are asked for by their scores',
    ),
    ...ignored('multi_class', 'post_transform alone says what becomes of scores, as in ONNX Runtime'),
  },
  LinearRegressor: read('coefficients intercepts post_transform targets'),
  Normalizer: read('norm'),
  Scaler: read('offset scale'),
}

/** Those of `com.microsoft`. */
const ofRuntime: Readonly<Record<string, Attributes>> = {
  Attention: {
    ...{ ...read('num_heads qkv_hidden_sizes scale unidirectional'), ...maskFilter },
    ...{
      ...only('do_rotary', 0),
      ...only('past_present_share_buffer', 0),
      ...only('rotary_embedding_dim', 0),
    },
  },
  EmbedLayerNormalization: {
    ...read('epsilon'),
    ...ignored(
      'mask_index_type',
      'it says whether the words of each sample are counted, which is done anyway',
    ),
  },
  FusedConv: { ...convolution, ...read('activation activation_params') },
  FusedMatMul: read('alpha transA transB transBatchA transBatchB'),
  MatMulNBits: { ...read('K N accuracy_level bits block_size'), ...only('weight_prepacked', 0) },
  MultiHeadAttention: { ...read('num_heads scale unidirectional'), ...maskFilter },
  QuickGelu: read('alpha'),
  RotaryEmbedding: {
    ...read('interleaved num_heads rotary_embedding_dim'),
    ...{ ...only('is_packed_batching', 0), ...only('scale', 1) },
  },
  SimplifiedLayerNormalization: { ...read('epsilon'), ...only('axis', -1), ...precision('stash_type') },
  SkipLayerNormalization: read('epsilon'),
  SkipSimplifiedLayerNormalization: read('epsilon'),
}

const domains: ReadonlyMap<string, Readonly<Record<string, Attributes>>> = new Map([
  ['', own],
  ['ai.onnx.ml', ofMachineLearning],
  ['com.microsoft', ofRuntime],
])

const none: Attributes = {}

/** What becomes of the attributes of an operator that is known here; none for one without any. */
export const attributesOf = ({ op, domain }: Pick<FileNode, 'op' | 'domain'>): Attributes => {
  const operators = domains.get(domain)
  return operators !== undefined && Object.hasOwn(operators, op) ? (operators[op] as Attributes) : none
}

/** Why a node cannot be read back because of an attribute; undefined where all are known. */
export function attributeFault(node: FileNode): string | undefined {
  const known = attributesOf(node)
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (!Object.hasOwn(known, name)) return `with the attribute ${name}, which is not known`
    const reading = known[name] as Reading
    if (reading.kind !== 'only' || reading.values.some((value) => value === attribute.value)) continue
    return `with ${name} = ${shown(attribute)}`
  }
  return undefined
}

const shown = ({ type, value }: FileAttribute): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : `a ${type}`
