import type { DType, TypedArray } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import type { MaskPositions } from './masked-softmax.ts'
import type { QuantizedParams } from './quantized.ts'

/** Elementwise on one tensor; the result has its shape and dtype (`isNaN` gives bool). */
export const unaryPrimitives = [
  'identity',
  'stopGradient',
  'neg',
  'abs',
  'sign',
  'exp',
  'log',
  'sqrt',
  'reciprocal',
  'sin',
  'cos',
  'asin',
  'acos',
  'atan',
  'tanh',
  'sigmoid',
  'relu',
  'erf',
  'floor',
  'ceil',
  'round',
  'not',
  'isNaN',
] as const

/** Elementwise on two tensors of one dtype, with NumPy's broadcasting. */
export const binaryPrimitives = ['add', 'sub', 'mul', 'div', 'pow', 'mod', 'max', 'min'] as const

/** Elementwise on two tensors, with broadcasting; the result is bool. */
export const comparisonPrimitives = ['equal', 'less', 'lessEqual', 'and', 'or', 'xor'] as const

/** Reductions over `axes`. */
export const reductionPrimitives = ['reduceSum', 'reduceMax', 'reduceMin', 'reduceProd'] as const

type None = Readonly<Record<never, never>>

export interface ReduceParams {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

/** How a window slides over the spatial dimensions, one entry a dimension. */
export interface WindowParams {
  readonly strides: readonly number[]
  /** Elements added before and after. */
  readonly padding: readonly (readonly [before: number, after: number])[]
}

/**
 * Images are (N, …spatial, C) rather than (N, C, …spatial), and a convolution's kernel is (…window, I, O) rather than
 * (O, I, …window). No operation makes that: a pass does, for engines whose kernels work so (`passes/channels-last.ts`).
 */
interface ChannelsLast {
  readonly isChannelsLast?: true
}

export interface ConvParams extends WindowParams, ChannelsLast {
  readonly dilation: readonly number[]
  readonly groups: number
}

export interface PoolParams extends WindowParams, ChannelsLast {
  readonly window: readonly number[]
}

/** The body of a loop: a graph from placeholder nodes to results. */
export interface ScanBody {
  /** Placeholders (`input` nodes): carries, then slices of the sequences, then what stays the same. */
  readonly inputs: readonly Node[]
  /** New carries, then what this step adds to the stacked results. */
  readonly outputs: readonly Node[]
}

export interface ScanParams {
  readonly body: ScanBody
  readonly carries: number
  readonly sequences: number
  readonly length: number
  /** From the last element to the first; results still stand at their element's place. */
  readonly reverse: boolean
}

/** A gradient that its maker knows better than the chain rule would find it. */
export type CustomGradient = (cotangent: Node) => readonly (Node | null)[]

type Elementwise =
  | (typeof unaryPrimitives)[number]
  | (typeof binaryPrimitives)[number]
  | (typeof comparisonPrimitives)[number]

/** The closed list of primitives with the parameters of each. Inputs are named in the comments. */
export type PrimitiveParams = { [P in Elementwise]: None } & {
  [P in (typeof reductionPrimitives)[number]]: ReduceParams
} & {
  /** A value that becomes a part of the model: scalars and small tables. */
  constant: { readonly data: TypedArray; readonly dtype: DType; readonly shape: Shape }
  /** A value in memory: an input of the model that the caller never sees. */
  data: { readonly source: DataSource }
  /** A placeholder: an argument of a traced function, or of a loop's body. */
  input: { readonly name: string; readonly dtype: DType; readonly shape: Shape }
  /** `0, 1, …, length − 1`. */
  iota: { readonly length: number; readonly dtype: DType }
  /** key (uint32, [seed, step]) → uniform uint32 bits, a function of key, site and position alone. */
  randomBits: { readonly shape: Shape; readonly site: number }

  cast: { readonly dtype: DType }
  /** condition (bool), then, otherwise; with broadcasting. */
  select: None
  /** value, …dependencies → the value, but not before the dependencies are known. */
  barrier: None
  /** value, …arguments → the value, whose gradient to the arguments is `gradient`'s. */
  customGradient: { readonly gradient: CustomGradient }

  argMax: { readonly axis: number }
  argMin: { readonly axis: number }
  /** Indices (int32) of the `k` largest or smallest elements along the last axis, in order. */
  topK: { readonly k: number; readonly largest: boolean }
  cumsum: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean }
  softmax: { readonly axis: number }
  logSoftmax: { readonly axis: number }
  /**
   * scores (…, queries, keys), and after them perhaps a mask (bool, broadcasting to the scores) and a scalar (int) that is
   * added to the offset → softmax of each query's scores over the keys that it may see, by the mask and by positions;
   * exactly 0 for all other keys. The weights of a query that may see none are 0 as well, or `'any'` finite numbers, where
   * nothing is made of them.
   */
  maskedSoftmax: MaskPositions & { readonly blind: 'zero' | 'any' }

  /** a (…, M, K), b (…, K, N) → (…, M, N); the batch dimensions broadcast. */
  matmul: None
  /**
   * packed (rows, blocks, bytes of a block; uint8), scales (rows, blocks; float32), perhaps zero points (uint8, packed along
   * the blocks) → the matrix (rows, columns): (number − zero) · scale. Without zero points zero is half of the range.
   */
  dequantize: QuantizedParams
  /** x (…, columns), and what `dequantize` takes → x · matrixᵀ (…, rows). No operation makes it: a pass does. */
  quantizedProduct: QuantizedParams
  /** x (N, C, …spatial), kernel (O, C / groups, …window) → (N, O, …spatial). */
  conv: ConvParams
  /** cotangent of a conv's output, kernel → the input's cotangent, of shape `inputShape`. */
  convInputGradient: ConvParams & { readonly inputShape: Shape }
  /** x, cotangent of a conv's output → the kernel's cotangent, of shape `kernelShape`. */
  convKernelGradient: ConvParams & { readonly kernelShape: Shape }
  /** x (N, C, …spatial) → (N, C, …spatial). */
  maxPool: PoolParams
  /** x → positions (int64) of the maxima in the flattened x, the first of equal ones. */
  maxPoolIndices: PoolParams
  /** x, maxPool(x), cotangent of maxPool(x) → cotangent of x. */
  maxPoolGradient: PoolParams
  /** As maxPool; padding does not count. */
  averagePool: PoolParams

  reshape: { readonly shape: Shape }
  broadcast: { readonly shape: Shape }
  transpose: { readonly permutation: readonly number[] }
  concat: { readonly axis: number }
  /** One start, stop (exclusive) and step an axis; with a negative step the stop may be −1. */
  slice: {
    readonly starts: readonly number[]
    readonly stops: readonly number[]
    readonly steps: readonly number[]
  }
  pad: { readonly padding: readonly (readonly [before: number, after: number])[]; readonly value: number }
  /**
   * x, starts (int, one an axis) → the block of `sizes` that begins there. Negative starts count from the axis's end; what
   * would not fit is moved until it does.
   */
  dynamicSlice: { readonly sizes: Shape }
  /** x, update of x's rank, starts → x with the update in the place of the block that begins there, found as above. */
  dynamicUpdateSlice: None

  /** x, indices (int) → x with `axis` replaced by the shape of the indices. */
  gather: {
    readonly axis: number
    /** The layer or operation that looks up, for the error of an index beyond the axis. */
    readonly layer?: string
  }
  /**
   * indices (int), updates, and perhaps what they are added to → that, or zeros, `size` along `axis`, plus the updates
   * at their indices.
   */
  scatterAdd: { readonly axis: number; readonly size: number }
  /** x, indices of x's rank → elements picked along `axis`. */
  gatherElements: { readonly axis: number }
  /** indices, updates of one shape → zeros, `size` along `axis`, plus the updates at their indices. */
  scatterElements: { readonly axis: number; readonly size: number }

  /** …carries, …sequences, …constants → a tuple; take its members with `element`. */
  scan: ScanParams
  /** tuple → its member. */
  element: { readonly index: number }
}

export type Primitive = keyof PrimitiveParams

/** One operation of the graph and all that is known of its value before anything runs. */
export interface NodeOf<P extends Primitive> {
  readonly kind: P
  readonly inputs: readonly Node[]
  readonly params: PrimitiveParams[P]
  readonly shape: Shape
  readonly dtype: DType
}

/** A node of any kind; narrow it by its `kind`. */
export type Node = { [P in Primitive]: NodeOf<P> }[Primitive]

/** Memory that holds a value already: an engine's storage, or elements that only JavaScript has. */
export interface DataSource {
  readonly dtype: DType
  readonly shape: Shape
  /** The elements; null where a device keeps them to itself. */
  readonly host: TypedArray | null
}
