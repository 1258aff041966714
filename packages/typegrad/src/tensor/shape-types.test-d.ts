import type { Shape } from '../base/shape.ts'
import type {
  Broadcast,
  Check,
  Concat,
  ExpandDims,
  Flatten,
  Gather,
  MatMul,
  Ok,
  Reduce,
  Reshape,
  ShapeMismatch,
  Squeeze,
  Stack,
  Transpose,
} from './shape-types.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Expect<T extends true> = T
type Says<Message extends string> = ShapeMismatch<Message>

export type BroadcastCases = [
  Expect<Equal<Broadcast<[2, 3], [3]>, [2, 3]>>,
  Expect<Equal<Broadcast<readonly [2, 3], readonly [3]>, [2, 3]>>,
  Expect<Equal<Broadcast<[], [4]>, [4]>>,
  Expect<Equal<Broadcast<[], []>, []>>,
  Expect<Equal<Broadcast<[5, 1, 3], [4, 1]>, [5, 4, 3]>>,
  Expect<Equal<Broadcast<[0], [1]>, [0]>>,
  Expect<Equal<Broadcast<[number, 3], [1, 3]>, [number, 3]>>,
  Expect<Equal<Broadcast<[number, 3], [7, number]>, [7, 3]>>,
  Expect<Equal<Broadcast<[number], [number]>, [number]>>,
  Expect<Equal<Broadcast<Shape, [2, 3]>, Shape>>,
  Expect<Equal<Broadcast<[2, 3], number[]>, Shape>>,
  Expect<Equal<Broadcast<[2] | [3], [1]>, [2] | [3]>>,
  Expect<
    Equal<
      Broadcast<[2, 3], [2, 4], 'add'>,
      Says<'add: dimensions 3 and 4 do not broadcast (shapes [2, 3] and [2, 4])'>
    >
  >,
  Expect<
    Equal<
      Broadcast<[number, 2, 3], [5, 3]>,
      Says<'broadcast: dimensions 2 and 5 do not broadcast (shapes [?, 2, 3] and [5, 3])'>
    >
  >,
]

export type MatMulCases = [
  Expect<Equal<MatMul<[2, 3], [3, 4]>, [2, 4]>>,
  Expect<Equal<MatMul<[3], [3]>, []>>,
  Expect<Equal<MatMul<[3], [3, 4]>, [4]>>,
  Expect<Equal<MatMul<[2, 3], [3]>, [2]>>,
  Expect<Equal<MatMul<[3], [7, 3, 4]>, [7, 4]>>,
  Expect<Equal<MatMul<[7, 2, 3], [3]>, [7, 2]>>,
  Expect<Equal<MatMul<[7, 2, 3], [3, 4]>, [7, 2, 4]>>,
  Expect<Equal<MatMul<[7, 1, 2, 3], [5, 3, 4]>, [7, 5, 2, 4]>>,
  Expect<Equal<MatMul<[number, 784], [784, 10]>, [number, 10]>>,
  Expect<Equal<MatMul<[32, number], [784, 10]>, [32, 10]>>,
  Expect<Equal<MatMul<Shape, [784, 10]>, Shape>>,
  Expect<Equal<MatMul<[32, 784], Shape>, Shape>>,
  Expect<Equal<MatMul<[32, 784], [10, 5]>, Says<'matmul: inner dimensions 784 and 10 differ'>>>,
  Expect<Equal<MatMul<[3], [4]>, Says<'matmul: inner dimensions 3 and 4 differ'>>>,
  Expect<Equal<MatMul<[], [4]>, Says<'matmul: a scalar has no dimension to multiply over'>>>,
  Expect<
    Equal<
      MatMul<[6, 2, 3], [5, 3, 4]>,
      Says<'matmul: dimensions 6 and 5 do not broadcast (shapes [6] and [5])'>
    >
  >,
]

export type ReduceCases = [
  Expect<Equal<Reduce<[2, 3, 4]>, []>>,
  Expect<Equal<Reduce<[2, 3, 4], undefined, true>, [1, 1, 1]>>,
  Expect<Equal<Reduce<[2, 3, 4], 1, false>, [2, 4]>>,
  Expect<Equal<Reduce<[2, 3, 4], -1, false>, [2, 3]>>,
  Expect<Equal<Reduce<[2, 3, 4], -3, true>, [1, 3, 4]>>,
  Expect<Equal<Reduce<[2, 3, 4], [0, -1], false>, [3]>>,
  Expect<Equal<Reduce<[2, 3, 4], readonly [0, -1], true>, [1, 3, 1]>>,
  Expect<Equal<Reduce<[2, 3, 4], [], false>, [2, 3, 4]>>,
  Expect<Equal<Reduce<[2, 3, 4], number, false>, [number, number]>>,
  Expect<Equal<Reduce<[2, 3], number[], true>, [number, number]>>,
  Expect<Equal<Reduce<[2, 3], number[], false>, Shape>>,
  Expect<Equal<Reduce<[2, 3], 0, boolean>, Shape>>,
  Expect<Equal<Reduce<[2, 3], 0 | undefined, false>, Shape>>,
  Expect<Equal<Reduce<Shape, 0, false>, Shape>>,
  Expect<Equal<Reduce<Shape>, []>>,
  Expect<Equal<Reduce<[2, 3], 2, false, 'sum'>, Says<'sum: axis 2 is out of range for shape [2, 3]'>>>,
  Expect<Equal<Reduce<[2, 3], [0, -3]>, Says<'reduce: axis -3 is out of range for shape [2, 3]'>>>,
]

export type RearrangeCases = [
  Expect<Equal<Transpose<[2, 3, 4]>, [4, 3, 2]>>,
  Expect<Equal<Transpose<[2, 3, 4], [0, 2, 1]>, [2, 4, 3]>>,
  Expect<Equal<Transpose<[2, number, 4], readonly [1, -1, 0]>, [number, 4, 2]>>,
  Expect<Equal<Transpose<Shape>, Shape>>,
  Expect<Equal<Transpose<Shape, [1, 0]>, [number, number]>>,
  Expect<Equal<Transpose<[2, 3], number[]>, [number, number]>>,
  Expect<
    Equal<
      Transpose<[2, 3], [0, 0]>,
      Says<'transpose: permutation [0, 0] does not name each axis of shape [2, 3] once'>
    >
  >,
  Expect<
    Equal<
      Transpose<[2, 3], [0]>,
      Says<'transpose: permutation [0] does not name each axis of shape [2, 3] once'>
    >
  >,
  Expect<Equal<Reshape<[2, 6], [3, 4]>, [3, 4]>>,
  Expect<Equal<Reshape<[2, 6], readonly [3, -1]>, [3, number]>>,
  Expect<Equal<Reshape<[2, 6], number[]>, Shape>>,
  Expect<Equal<Reshape<Shape, [number, 4]>, [number, 4]>>,
  Expect<
    Equal<
      Reshape<[2, 6], [-1, 2, -1]>,
      Says<'reshape: only one dimension of [-1, 2, -1] may be -1 (from shape [2, 6])'>
    >
  >,
  Expect<Equal<Flatten<[2, 6]>, [number]>>,
  Expect<Equal<Flatten<[]>, [1]>>,
  Expect<Equal<Flatten<[1, 6, 1]>, [6]>>,
  Expect<Equal<Flatten<Shape>, [number]>>,
  Expect<Equal<ExpandDims<[2, 3], 0>, [1, 2, 3]>>,
  Expect<Equal<ExpandDims<[2, 3], 1>, [2, 1, 3]>>,
  Expect<Equal<ExpandDims<[2, 3], -1>, [2, 3, 1]>>,
  Expect<Equal<ExpandDims<[], 0>, [1]>>,
  Expect<Equal<ExpandDims<[2, 3], number>, [number, number, number]>>,
  Expect<Equal<ExpandDims<[2, 3], 3>, Says<'expandDims: axis 3 is out of range for shape [2, 3]'>>>,
  Expect<Equal<Squeeze<[1, 3, 1]>, [3]>>,
  Expect<Equal<Squeeze<[1, 3, 1], 0>, [3, 1]>>,
  Expect<Equal<Squeeze<[1, 3, 1], [0, -1]>, [3]>>,
  Expect<Equal<Squeeze<[number, 3], 0>, [3]>>,
  Expect<Equal<Squeeze<[number, 3]>, Shape>>,
  Expect<Equal<Squeeze<[1, 3], 1>, Says<'squeeze: the dimension at axis 1 of shape [1, 3] is not 1'>>>,
]

export type JoinCases = [
  Expect<Equal<Concat<[[2, 3], [4, 3]]>, [6, 3]>>,
  Expect<Equal<Concat<[[2, 3], [2, 4], [2, 5]], -1>, [2, 12]>>,
  Expect<Equal<Concat<readonly [readonly [784], readonly [216]]>, [1000]>>,
  Expect<Equal<Concat<[[1000], [1]]>, [number]>>,
  Expect<Equal<Concat<[[number, 3], [4, number]]>, [number, 3]>>,
  Expect<Equal<Concat<[[2, 3]], 0>, [2, 3]>>,
  Expect<Equal<Concat<[[2, 3], Shape]>, Shape>>,
  Expect<Equal<Concat<[2, 3][]>, [number, 3]>>,
  Expect<Equal<Concat<readonly Shape[]>, Shape>>,
  Expect<Equal<Concat<[[2, 3], [4, 3]], number>, [number, number]>>,
  Expect<Equal<Concat<[[3, 2], [4, 5]], 1>, Says<'concat: dimensions 3 and 4 differ at axis 0'>>>,
  Expect<Equal<Concat<[[2, 3], [3]]>, Says<'concat: ranks 2 and 1 differ (shapes [2, 3] and [3])'>>>,
  Expect<Equal<Concat<[[2], [3]], 1>, Says<'concat: axis 1 is out of range for shape [2]'>>>,
  Expect<Equal<Stack<[[2, 3], [2, 3], [2, number]]>, [3, 2, 3]>>,
  Expect<Equal<Stack<[[2, number], [2, 3]], -1>, [2, 3, 2]>>,
  Expect<Equal<Stack<[2, 3][], 1>, [2, number, 3]>>,
  Expect<Equal<Stack<[[2, 3], [2, 4]]>, Says<'stack: dimensions 3 and 4 differ at axis 1'>>>,
  Expect<Equal<Gather<[10, 4], [3], 0>, [3, 4]>>,
  Expect<Equal<Gather<[10, 4], [], -1>, [10]>>,
  Expect<Equal<Gather<[10, 4], [32, 7]>, [32, 7, 4]>>,
  Expect<Equal<Gather<[10, 4], Shape>, Shape>>,
  Expect<Equal<Gather<[10, 4], [5], 2>, Says<'gather: axis 2 is out of range for shape [10, 4]'>>>,
]

/** An axis of which only two candidates are known is either, not both. */
export type EitherAxisCases = [
  Expect<Equal<Reduce<[2, 3], 0 | 1>, [2] | [3]>>,
  Expect<Equal<Squeeze<[1, 3, 1], 0 | 2>, [3, 1] | [1, 3]>>,
  Expect<Equal<ExpandDims<[2], 0 | 1>, [1, 2] | [2, 1]>>,
  Expect<Equal<Concat<[[2, 3], [2, 3]], 0 | 1>, [4, 3] | [2, 6]>>,
  Expect<Equal<Gather<[2, 3], [7], 0 | 1>, [7, 3] | [2, 7]>>,
]

export type CheckCases = [
  Expect<Equal<Check<[2, 3]>, unknown>>,
  Expect<Equal<Check<Says<'no'>>, Says<'no'>>>,
  Expect<Equal<Check<never>, unknown>>,
  Expect<Equal<Ok<[2, 3]>, [2, 3]>>,
  Expect<Equal<Ok<Says<'no'>>, Shape>>,
]

interface Tensor<S extends Shape = Shape> {
  readonly shape: S
  add<T extends Shape>(other: Tensor<T> & Check<Broadcast<S, T, 'add'>>): Tensor<Ok<Broadcast<S, T, 'add'>>>
  matmul<T extends Shape>(other: Tensor<T> & Check<MatMul<S, T>>): Tensor<Ok<MatMul<S, T>>>
  sum<const A extends number | readonly number[] | undefined = undefined, K extends boolean = false>(
    options?: { axis?: A; keepDims?: K } & Check<Reduce<S, A, K, 'sum'>>,
  ): Tensor<Ok<Reduce<S, A, K, 'sum'>>>
}
declare function concat<const T extends readonly Shape[], A extends number = 0>(
  tensors: { readonly [K in keyof T]: Tensor<T[K]> } & Check<Concat<T, A>>,
  axis?: A,
): Tensor<Ok<Concat<T, A>>>

export function calls(x: Tensor<[32, 784]>, w: Tensor<[784, 10]>, b: Tensor<[10]>, any: Tensor) {
  const logits: Tensor<[32, 10]> = x.matmul(w).add(b)
  const losses: Tensor<[32]> = logits.sum({ axis: -1 })
  const kept: Tensor<[32, 1]> = logits.sum({ axis: [1], keepDims: true })
  const total: Tensor<[]> = losses.sum()
  const both: Tensor<[64, 784]> = concat([x, x])
  any.matmul(w).add(b)
  x.matmul(any).add(b)
  // @ts-expect-error matmul: inner dimensions 784 and 10 differ
  x.matmul(b)
  // @ts-expect-error add: dimensions 784 and 10 do not broadcast
  x.add(logits)
  // @ts-expect-error sum: axis 2 is out of range
  x.sum({ axis: 2 })
  // @ts-expect-error concat: dimensions 784 and 10 differ at axis 1
  concat([x, logits])
  return [kept, total, both]
}
