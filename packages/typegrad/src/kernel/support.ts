import type { Shape } from '../base/shape.ts'
import type { Convolution } from './convolution.ts'
import type { ElementwiseKernel } from './elementwise.ts'
import type { GatherRowsKernel } from './gather-rows.ts'
import type { ProductTile } from './product.ts'
import type { ScatterAddKernel } from './scatter-add.ts'

/**
 * What an engine says of its kernels. Passes and lowering know shapes and ask; how large a piece of work has to be, how it
 * is cut for threads and which registers there are is known to the engine alone.
 */
export interface KernelSupport {
  /**
   * Whether a kernel of the engine does this better than the runtime's own operators.
   *
   * @returns how the kernel is to be made, as plain data (`true` where there is nothing to say); false where the operators
   * are to be kept. The same question has the same answer for as long as the engine is there: passes ask before lowering
   * does, and rely on it.
   */
  supports<K extends KernelKind>(kind: K, request: KernelRequests[K]): KernelPlans[K] | false
}

export type KernelKind = keyof KernelRequests

/** What is asked, by the kind of kernel. All tensors are of float32 where nothing else is said. */
export interface KernelRequests {
  /** Several elementwise operations in one pass over memory: the kernel itself. */
  readonly elementwise: ElementwiseKernel
  /** A copy of a view, which is an elementwise kernel by itself. */
  readonly copy: CopyRequest
  /** Products of matrices by `packPanels` and `product`. */
  readonly product: ProductRequest
  /** Products of few rows by `thinProduct`. */
  readonly thinProduct: ThinProductRequest
  /** A loop's product with a matrix that stays, by `panelProduct`. */
  readonly loopProduct: LoopProductRequest
  /** A convolution or a gradient of one, with channels last, by the kernels of {@link ConvolutionPlan}. */
  readonly convolution: ConvolutionRequest
  /** A pooling or its gradient, by the kernels of {@link PoolingPlan}. */
  readonly pooling: PoolingRequest
  /** Rows of a table at indices that are known to lie within it, by `gatherRows`. */
  readonly gatherRows: GatherRowsRequest
  readonly scatterAdd: ScatterAddRequest
  readonly sumRows: SumRowsRequest
}

/** What an engine answers where it has the kernel. */
export interface KernelPlans {
  readonly elementwise: true
  readonly copy: true
  readonly product: ProductPlan
  readonly thinProduct: { readonly tasks: number }
  readonly loopProduct: { readonly tasks: number }
  readonly convolution: ConvolutionPlan
  readonly pooling: PoolingPlan
  readonly gatherRows: true
  readonly scatterAdd: true
  readonly sumRows: SumRowsPlan
}

export interface CopyRequest {
  /** The operator whose place the copy takes. A transpose is one of (a, b, c) → (b, a, c). */
  readonly operator: 'slice' | 'transpose'
  /** What is written. */
  readonly shape: Shape
}

/** a (rows, inner) · b (inner, columns), so many times. */
export interface ProductRequest {
  /** 1, or the size of a batch. */
  readonly matrices: number
  readonly rows: number
  readonly inner: number
  readonly columns: number
  /** Whether b lies in memory as its transpose. */
  readonly isTransposed: boolean
}

/** One such product. */
export type ThinProductRequest = Omit<ProductRequest, 'matrices'>

export interface ProductPlan {
  readonly tile: ProductTile
  /** Tasks in which each second matrix is packed. */
  readonly packTasks: number
  /** Parts into which the rows and the columns of each product are cut. */
  readonly parts: readonly [rows: number, columns: number]
}

/** a (rows, inner), another one at each step, · b (inner, columns), which stays; columns are whole panels. */
export interface LoopProductRequest {
  readonly steps: number
  readonly rows: number
  readonly inner: number
  readonly columns: number
}

export interface ConvolutionRequest extends Convolution {
  /** Which of the three is computed from the other two. */
  readonly operation: 'conv' | 'convInputGradient' | 'convKernelGradient'
  readonly groups: number
}

/** How a convolution is computed. */
export type ConvolutionPlan =
  /** By Winograd's transforms: windows of 3 × 3 that move by one. */
  | { readonly by: 'winograd'; readonly tasks: number }
  /** As the runtime's product with what windows see, by `patches` and `sumPatches`. */
  | {
      readonly by: 'patches'
      /** Images whose patches are in memory at a time. */
      readonly maxImages: number
      /** Whether a kernel's gradient is computed as its transpose, (outputs, window · channels). */
      readonly isTransposed: boolean
    }
  /** Each channel by itself, by `channelWindows`. */
  | { readonly by: 'channels'; readonly parts: number }
  /** As one convolution for each group, which is asked for in turn. */
  | { readonly by: 'groups' }

export interface PoolingRequest {
  readonly operation: 'max' | 'maxGradient' | 'average'
  /** Images and results as they lie: (N, …S, C) where channels are last, else (N, C, …S). */
  readonly input: Shape
  readonly output: Shape
  readonly isChannelsLast: boolean
  readonly window: Convolution['window']
  readonly strides: Convolution['strides']
  readonly padding: Convolution['padding']
}

export type PoolingPlan =
  /** By `maxPoolGradient`, whose windows are 2 × 2 side by side. */
  | { readonly by: 'pairs' }
  /**
   * By `channelWindows`, where channels are last; means by a convolution of each channel with ones, which is asked for in
   * turn.
   */
  | { readonly by: 'channels'; readonly parts: number }

export type GatherRowsRequest = Omit<GatherRowsKernel, 'kind'>

export type ScatterAddRequest = Omit<ScatterAddKernel, 'kind'>

/** Elements, or their squares, that are summed over rows of so many columns. */
export interface SumRowsRequest {
  readonly elements: number
  /** Undefined where all elements are summed: any columns will do then. */
  readonly columns: number | undefined
  readonly isOfSquares: boolean
}

export interface SumRowsPlan {
  readonly rows: number
  readonly columns: number
  readonly parts: number
}

/** An engine's answers by kinds; those that are left out are no kernels. */
export type KernelAnswers = {
  readonly [K in KernelKind]?: (request: KernelRequests[K]) => KernelPlans[K] | false
}

/**
 * What an engine says that answers by a table.
 *
 * @example
 * const kernelSupport = supportBy({ elementwise: (kernel) => kernel.values.length <= 8 })
 */
export const supportBy = (answers: KernelAnswers): KernelSupport => ({
  supports: (kind, request) => answers[kind]?.(request) ?? false,
})

/** Of an engine that has operators alone, and for models that other runtimes run. */
export const noKernels: KernelSupport = supportBy({})
