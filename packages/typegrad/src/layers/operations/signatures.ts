import type { DType } from '../../base/dtype.ts'
import type { Shape } from '../../base/shape.ts'
import type { PadOptions } from '../../ops/shape.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { SymbolicTensor } from '../base/symbolic.ts'

/** What may stand where an operation takes a tensor. */
export type Operand = SymbolicTensor | TensorLike

/** Where a block begins: a number or a scalar for each axis, or one vector. */
export type SymbolicStarts = SymbolicTensor | Tensor | readonly (number | Tensor | SymbolicTensor)[]

type Unary = (x: Operand) => SymbolicTensor
type Binary = (a: Operand, b: Operand) => SymbolicTensor
type Along = (x: Operand, axis?: number) => SymbolicTensor
type AlongSeveral = (x: Operand, axis?: number | readonly number[]) => SymbolicTensor
type Kept = { readonly keepDims?: boolean }
type Reduction = (x: Operand, axis?: number | readonly number[], options?: Kept) => SymbolicTensor
type Position = (x: Operand, axis?: number, options?: Kept) => SymbolicTensor
type Joining = (tensors: readonly Operand[], axis?: number) => SymbolicTensor
type Sorting = (x: Operand, axis?: number, options?: { readonly descending?: boolean }) => SymbolicTensor

export type UnaryName =
  | ('abs' | 'acos' | 'asin' | 'atan' | 'ceil' | 'cos' | 'cosh' | 'erf' | 'exp' | 'expm1' | 'floor' | 'isNaN')
  | (
      | 'log'
      | 'log1p'
      | 'logicalNot'
      | 'neg'
      | 'reciprocal'
      | 'round'
      | 'rsqrt'
      | 'sign'
      | 'sin'
      | 'sinh'
      | 'sqrt'
    )
  | ('square' | 'stopGradient' | 'tan' | 'tanh' | 'flatten')
  | ('relu' | 'relu6' | 'sigmoid' | 'softplus' | 'softsign' | 'silu' | 'hardSigmoid' | 'hardSilu' | 'selu')
  | ('tanhShrink' | 'mish')

export type BinaryName =
  | ('add' | 'sub' | 'mul' | 'div' | 'floorDiv' | 'mod' | 'pow' | 'maximum' | 'minimum' | 'matmul' | 'outer')
  | ('equal' | 'notEqual' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual')
  | ('logicalAnd' | 'logicalOr' | 'logicalXor')

type ReductionName =
  | 'sum'
  | 'mean'
  | 'variance'
  | 'std'
  | 'any'
  | 'all'
  | 'logSumExp'
  | 'max'
  | 'min'
  | 'prod'
  | 'norm'

/**
 * The functions of `ops/` that take symbolic tensors, and how they are called with them. Options are those of the
 * functions of tensors, where Keras's operation has them too.
 */
export type Signatures = Readonly<
  Record<UnaryName, Unary> &
    Record<BinaryName, Binary> &
    Record<ReductionName, Reduction> &
    Record<'argMax' | 'argMin', Position> &
    Record<'softmax' | 'logSoftmax' | 'sparsemax' | 'glu', Along> &
    Record<'flip' | 'squeeze', AlongSeveral> &
    Record<'concat' | 'stack', Joining> &
    Record<'sort' | 'argsort', Sorting> &
    Record<'tril' | 'triu', (x: Operand, k?: number) => SymbolicTensor> & {
      cast: (x: Operand, dtype: DType) => SymbolicTensor
      where: (condition: Operand, a: Operand, b: Operand) => SymbolicTensor
      clip: (x: Operand, options: { readonly min?: number; readonly max?: number }) => SymbolicTensor
      leakyRelu: (x: Operand, options?: { readonly negativeSlope?: number }) => SymbolicTensor
      elu: (x: Operand, options?: { readonly alpha?: number }) => SymbolicTensor
      gelu: (x: Operand, options?: { readonly approximate?: boolean }) => SymbolicTensor
      cumsum: (
        x: Operand,
        axis?: number,
        options?: { readonly exclusive?: boolean; readonly reverse?: boolean },
      ) => SymbolicTensor
      at: (x: Operand, position: number, axis?: number) => SymbolicTensor
      slice: (x: Operand, starts: readonly number[], sizes: readonly number[]) => SymbolicTensor
      stridedSlice: (
        x: Operand,
        axis: number,
        start?: number | null,
        stop?: number | null,
        step?: number,
      ) => SymbolicTensor
      reshape: (x: Operand, shape: Shape) => SymbolicTensor
      transpose: (x: Operand, permutation?: Shape) => SymbolicTensor
      expandDims: (x: Operand, axis: number) => SymbolicTensor
      split: (x: Operand, parts: number | readonly number[], axis?: number) => readonly SymbolicTensor[]
      unstack: (x: Operand, axis?: number) => readonly SymbolicTensor[]
      broadcastTo: (x: Operand, shape: Shape) => SymbolicTensor
      tile: (x: Operand, repeats: readonly number[]) => SymbolicTensor
      repeat: (x: Operand, repeats: number, axis?: number) => SymbolicTensor
      roll: (x: Operand, shift: number, axis?: number) => SymbolicTensor
      pad: (
        x: Operand,
        padding: readonly (readonly [number, number])[],
        options?: PadOptions,
      ) => SymbolicTensor
      gather: (x: Operand, indices: Operand, axis?: number) => SymbolicTensor
      takeAlongAxis: (x: Operand, indices: Operand, axis?: number) => SymbolicTensor
      dynamicSlice: (x: Operand, starts: SymbolicStarts, sizes: Shape) => SymbolicTensor
      dynamicUpdateSlice: (x: Operand, update: Operand, starts: SymbolicStarts) => SymbolicTensor
      topK: (x: Operand, k: number) => { readonly values: SymbolicTensor; readonly indices: SymbolicTensor }
      oneHot: (x: Operand, depth: number, options?: { readonly dtype?: DType }) => SymbolicTensor
      einsum: (equation: string, ...operands: Operand[]) => SymbolicTensor
    }
>

export type SymbolicName = keyof Signatures
