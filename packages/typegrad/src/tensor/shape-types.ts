import type { Shape } from '../base/shape.ts'

/**
 * Shapes as types: what NumPy's rules make of two shapes, worked out by the compiler.
 *
 * A shape is a tuple such as `[3, 1]`. A dimension that is not known is `number`; a shape of unknown rank
 * is `Shape`. What is not known never makes an error, only a result that says less: the check then happens
 * when the graph is traced.
 *
 * Where shapes are known and do not fit, the result is a {@link ShapeMismatch}, and a signature such as
 *
 * ```ts
 * matmul<T extends Shape>(other: Tensor<T> & Check<MatMul<S, T>>): Tensor<Ok<MatMul<S, T>>>
 * ```
 *
 * makes the compiler say `matmul: inner dimensions 784 and 10 differ`.
 */

declare const mismatch: unique symbol

/** Shapes that do not fit. No value has this type; its only use is the sentence that the compiler prints. */
export interface ShapeMismatch<Message extends string> {
  readonly [mismatch]: Message
}

/** What an argument must also be: anything if `R` is a shape, the unfulfillable {@link ShapeMismatch} if not. */
export type Check<R> = [R] extends [never] ? unknown : R extends ShapeMismatch<string> ? R : unknown

/** `R` if it is a shape; the unknown shape if it is a mismatch, which {@link Check} has reported already. */
export type Ok<R> = [R] extends [never] ? Shape : R extends Shape ? R : Shape

// ---------------------------------------------------------------------------------------------------------
// Dimensions

/** `?` for a dimension that is not known. */
type Show<D extends number> = number extends D ? '?' : `${D}`

type Join<S extends Shape> = S extends readonly [infer D extends number, ...infer Rest extends number[]]
  ? Rest extends readonly []
    ? Show<D>
    : `${Show<D>}, ${Join<Rest>}`
  : ''

/** `[2, 3]`, as messages print a shape. */
export type FormatShape<S extends Shape> = number extends S['length'] ? '[...]' : `[${Join<S>}]`

/** Whether two dimensions may be the same. */
type Agree<A extends number, B extends number> = number extends A
  ? true
  : number extends B
    ? true
    : A extends B
      ? true
      : false

/** Of two dimensions that agree, the one that is known. */
type Merge<A extends number, B extends number> = number extends A ? B : A

/** The dimension that two broadcast to; never if they do not. */
type BroadcastDimension<A extends number, B extends number> = number extends A
  ? B extends 1
    ? number
    : B
  : number extends B
    ? A extends 1
      ? number
      : A
    : A extends 1
      ? B
      : B extends 1
        ? A
        : A extends B
          ? A
          : never

interface DigitTuples {
  0: []
  1: [0]
  2: [0, 0]
  3: [0, 0, 0]
  4: [0, 0, 0, 0]
  5: [0, 0, 0, 0, 0]
  6: [0, 0, 0, 0, 0, 0]
  7: [0, 0, 0, 0, 0, 0, 0]
  8: [0, 0, 0, 0, 0, 0, 0, 0]
  9: [0, 0, 0, 0, 0, 0, 0, 0, 0]
}

/** A tuple as long as the decimal `Digits` say. */
type TupleOf<Digits extends string, T extends 0[] = []> = Digits extends `${infer D extends
  keyof DigitTuples}${infer Rest}`
  ? TupleOf<Rest, [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...DigitTuples[D]]>
  : T

type FourDigits = `${number}${number}${number}${number}`

/** `A + B` where both are known and below 1000; `number` otherwise. */
type Sum<A extends number, B extends number> = number extends A
  ? number
  : number extends B
    ? number
    : `${A}` extends FourDigits
      ? number
      : `${B}` extends FourDigits
        ? number
        : [...TupleOf<`${A}`>, ...TupleOf<`${B}`>]['length'] & number

// ---------------------------------------------------------------------------------------------------------
// Axes

/** The same rank with no dimension known. */
type Unknowns<S extends Shape> = { -readonly [K in keyof S]: number }

/** The index of the `N`-th dimension from the right, 1 being the last; never if there is none. */
type FromRight<
  S extends readonly unknown[],
  N extends number,
  Counted extends 0[] = [0],
> = S extends readonly [...infer Init, unknown]
  ? Counted['length'] extends N
    ? Init['length']
    : FromRight<Init, N, [...Counted, 0]>
  : never

// An axis that is a union of literals is one of them, and it is not known which: the types below distribute over it.
// Several axes reach them as a tuple, and travel inside as the union of its members.

/** The index that an axis of `S` means, negative ones counted from the right; never if out of range. */
type IndexOf<S extends readonly unknown[], Axis extends number> = Axis extends unknown
  ? `${Axis}` extends `-${infer N extends number}`
    ? FromRight<S, N>
    : `${Axis}` extends keyof S
      ? Axis
      : never
  : never

/** Those of a union of axes that `S` does not have. */
type OutOfRange<S extends readonly unknown[], Axis extends number> = Axis extends unknown
  ? [IndexOf<S, Axis>] extends [never]
    ? Axis
    : never
  : never

// The messages are aliases of strings, not of a ShapeMismatch: the compiler would print the alias's name.

type AxisMessage<
  Op extends string,
  S extends Shape,
  Axis extends number,
> = `${Op}: axis ${Axis} is out of range for shape ${FormatShape<S>}`

/** `S` without the dimensions at the indices `At`. */
type Drop<
  S extends Shape,
  At extends number,
  Seen extends 0[] = [],
  Out extends number[] = [],
> = S extends readonly [infer D extends number, ...infer Rest extends number[]]
  ? Drop<Rest, At, [...Seen, 0], Seen['length'] extends At ? Out : [...Out, D]>
  : Out

/** `S` with `New` in the place of the dimension at index `At`. */
type Splice<
  S extends Shape,
  At extends number,
  New extends readonly number[],
  Seen extends 0[] = [],
  Out extends number[] = [],
> = S extends readonly [infer D extends number, ...infer Rest extends number[]]
  ? Splice<Rest, At, New, [...Seen, 0], Seen['length'] extends At ? [...Out, ...New] : [...Out, D]>
  : Out

/** `S` with `D` before the dimension at index `At`, or at the end. */
type Insert<
  S extends Shape,
  At extends number,
  D extends number,
  Out extends number[] = [],
> = Out['length'] extends At
  ? [...Out, D, ...S]
  : S extends readonly [infer First extends number, ...infer Rest extends number[]]
    ? Insert<Rest, At, D, [...Out, First]>
    : Out

// ---------------------------------------------------------------------------------------------------------
// Elementwise

/**
 * The shape that `A` and `B` broadcast to by NumPy's rules.
 *
 * `Broadcast<[2, 3], [3]>` is `[2, 3]`; `Broadcast<[2, 3], [2, 4], 'add'>` says `add: dimensions 3 and 4 do
 * not broadcast (shapes [2, 3] and [2, 4])`.
 */
export type Broadcast<A extends Shape, B extends Shape, Op extends string = 'broadcast'> = A extends unknown
  ? B extends unknown
    ? number extends A['length'] | B['length']
      ? Shape
      : BroadcastFromRight<A, B, [], A, B, Op>
    : never
  : never

type BroadcastFromRight<
  A extends Shape,
  B extends Shape,
  Done extends number[],
  WholeA extends Shape,
  WholeB extends Shape,
  Op extends string,
> = A extends readonly [...infer InitA extends number[], infer LastA extends number]
  ? B extends readonly [...infer InitB extends number[], infer LastB extends number]
    ? [BroadcastDimension<LastA, LastB>] extends [never]
      ? ShapeMismatch<`${Op}: dimensions ${LastA} and ${LastB} do not broadcast (shapes ${FormatShape<WholeA>} and ${FormatShape<WholeB>})`>
      : BroadcastFromRight<InitA, InitB, [BroadcastDimension<LastA, LastB>, ...Done], WholeA, WholeB, Op>
    : [...A, ...Done]
  : [...B, ...Done]

// ---------------------------------------------------------------------------------------------------------
// Products

type ScalarMessage<Op extends string> = `${Op}: a scalar has no dimension to multiply over`

type Inner<Op extends string, A extends number, B extends number, Result> =
  Agree<A, B> extends false ? ShapeMismatch<`${Op}: inner dimensions ${A} and ${B} differ`> : Result

type WithBatch<Batch, Tail extends number[]> = Batch extends Shape ? [...Batch, ...Tail] : Batch

/** The shape of a matrix product: vectors, matrices, and stacks of matrices whose leading dimensions broadcast. */
export type MatMul<A extends Shape, B extends Shape, Op extends string = 'matmul'> = A extends unknown
  ? B extends unknown
    ? number extends A['length'] | B['length']
      ? Shape
      : RankedMatMul<A, B, Op>
    : never
  : never

type RankedMatMul<A extends Shape, B extends Shape, Op extends string> = A extends readonly []
  ? ShapeMismatch<ScalarMessage<Op>>
  : B extends readonly []
    ? ShapeMismatch<ScalarMessage<Op>>
    : A extends readonly [infer K extends number]
      ? B extends readonly [infer L extends number]
        ? Inner<Op, K, L, []>
        : B extends readonly [...infer Batch extends number[], infer L extends number, infer N extends number]
          ? Inner<Op, K, L, [...Batch, N]>
          : never
      : A extends readonly [...infer BatchA extends number[], infer M extends number, infer K extends number]
        ? B extends readonly [infer L extends number]
          ? Inner<Op, K, L, [...BatchA, M]>
          : B extends readonly [
                ...infer BatchB extends number[],
                infer L extends number,
                infer N extends number,
              ]
            ? Inner<Op, K, L, WithBatch<Broadcast<BatchA, BatchB, Op>, [M, N]>>
            : never
        : never

// ---------------------------------------------------------------------------------------------------------
// Reductions

/**
 * The shape after reducing over `Axis`: one axis, several, or all of them (`undefined`). With `Keep` the
 * reduced dimensions stay as 1.
 */
export type Reduce<
  S extends Shape,
  Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
  Op extends string = 'reduce',
> = [Axis] extends [undefined]
  ? ReduceAll<S, Keep>
  : number extends S['length']
    ? Shape
    : [Axis] extends [number]
      ? number extends Axis
        ? ReduceUnknownAxis<S, Keep>
        : ReduceAxis<S, Axis, Keep, Op>
      : [Axis] extends [readonly number[]]
        ? number extends Axis['length'] | Axis[number]
          ? ReduceUnknownAxes<S, Keep>
          : ReduceAxes<S, Axis[number], Keep, Op>
        : Shape

type ReduceAll<S extends Shape, Keep extends boolean> = [Keep] extends [true]
  ? number extends S['length']
    ? Shape
    : { -readonly [K in keyof S]: 1 }
  : [Keep] extends [false]
    ? []
    : Shape

type ReduceUnknownAxis<S extends Shape, Keep extends boolean> = [Keep] extends [true]
  ? Unknowns<S>
  : [Keep] extends [false]
    ? S extends readonly [unknown, ...infer Rest extends number[]]
      ? Unknowns<Rest>
      : []
    : Shape

type ReduceUnknownAxes<S extends Shape, Keep extends boolean> = [Keep] extends [true] ? Unknowns<S> : Shape

type ReduceAxis<
  S extends Shape,
  Axis extends number,
  Keep extends boolean,
  Op extends string,
> = Axis extends unknown ? ReduceAxes<S, Axis, Keep, Op> : never

type ReduceAxes<S extends Shape, Axes extends number, Keep extends boolean, Op extends string> = [
  OutOfRange<S, Axes>,
] extends [never]
  ? [Keep] extends [true]
    ? Splices<S, IndexOf<S, Axes> & number>
    : [Keep] extends [false]
      ? Drop<S, IndexOf<S, Axes> & number>
      : Shape
  : ShapeMismatch<AxisMessage<Op, S, OutOfRange<S, Axes>>>

/** `S` with 1 at every index of `At`. */
type Splices<S extends Shape, At extends number> = Splice<S, At, [1]>

// ---------------------------------------------------------------------------------------------------------
// Rearrangements

type Reverse<S extends Shape, Done extends number[] = []> = S extends readonly [
  infer D extends number,
  ...infer Rest extends number[],
]
  ? Reverse<Rest, [D, ...Done]>
  : Done

/** The shape after permuting the axes; without a permutation, with the axes in reverse. */
export type Transpose<
  S extends Shape,
  Perm extends readonly number[] | undefined = undefined,
  Op extends string = 'transpose',
> = [Perm] extends [undefined]
  ? number extends S['length']
    ? Shape
    : Reverse<S>
  : [Perm] extends [readonly number[]]
    ? number extends S['length']
      ? number extends Perm['length']
        ? Shape
        : Unknowns<Perm>
      : number extends Perm['length'] | Perm[number]
        ? Unknowns<S>
        : Permute<S, Perm, Op>
    : Shape

type Permute<
  S extends Shape,
  Perm extends readonly number[],
  Op extends string,
> = Perm['length'] extends S['length']
  ? [OutOfRange<S, Perm[number]>] extends [never]
    ? [Drop<S, IndexOf<S, Perm[number]> & number>] extends [[]]
      ? { -readonly [K in keyof Perm]: S[IndexOf<S, Perm[K]> & keyof S] & number }
      : ShapeMismatch<PermutationMessage<S, Perm, Op>>
    : ShapeMismatch<PermutationMessage<S, Perm, Op>>
  : ShapeMismatch<PermutationMessage<S, Perm, Op>>

type PermutationMessage<
  S extends Shape,
  Perm extends readonly number[],
  Op extends string,
> = `${Op}: permutation ${FormatShape<Perm>} does not name each axis of shape ${FormatShape<S>} once`

/** The shape that was asked for; a dimension of -1, which takes what is left, is not known. */
export type Reshape<
  S extends Shape,
  To extends Shape,
  Op extends string = 'reshape',
> = number extends To['length']
  ? Shape
  : MoreThanOneRest<To> extends true
    ? ShapeMismatch<`${Op}: only one dimension of ${FormatShape<To>} may be -1 (from shape ${FormatShape<S>})`>
    : { -readonly [K in keyof To]: To[K] extends -1 ? number : To[K] }

type MoreThanOneRest<To extends Shape> = To extends readonly [
  infer D extends number,
  ...infer Rest extends number[],
]
  ? D extends -1
    ? -1 extends Rest[number]
      ? number extends Rest[number]
        ? false
        : true
      : false
    : MoreThanOneRest<Rest>
  : false

/** The product of the dimensions where it needs no arithmetic; `number` otherwise. */
type Product<S extends Shape, P extends number = 1> = S extends readonly [
  infer D extends number,
  ...infer Rest extends number[],
]
  ? number extends D
    ? number
    : D extends 1
      ? Product<Rest, P>
      : P extends 1
        ? Product<Rest, D>
        : number
  : P

/** One dimension with all elements. */
export type Flatten<S extends Shape> = number extends S['length'] ? [number] : [Product<S>]

/** `S` with a new dimension of 1 at `Axis` of the result. */
export type ExpandDims<S extends Shape, Axis extends number, Op extends string = 'expandDims'> = InsertAt<
  S,
  Axis,
  1,
  Op
>

type InsertAt<
  S extends Shape,
  Axis extends number,
  D extends number,
  Op extends string,
> = number extends S['length']
  ? Shape
  : number extends Axis
    ? Unknowns<[D, ...S]>
    : Axis extends unknown
      ? [OutOfRange<[D, ...S], Axis>] extends [never]
        ? Insert<S, IndexOf<[D, ...S], Axis> & number, D>
        : ShapeMismatch<AxisMessage<Op, S, Axis>>
      : never

/** `S` without the dimensions of 1 at `Axis`: one axis, several, or all that are 1 (`undefined`). */
export type Squeeze<
  S extends Shape,
  Axis extends number | readonly number[] | undefined = undefined,
  Op extends string = 'squeeze',
> = number extends S['length']
  ? Shape
  : [Axis] extends [undefined]
    ? number extends S[number]
      ? Shape
      : WithoutOnes<S>
    : [Axis] extends [number]
      ? number extends Axis
        ? ReduceUnknownAxis<S, false>
        : SqueezeAxis<S, Axis, Op>
      : [Axis] extends [readonly number[]]
        ? number extends Axis['length'] | Axis[number]
          ? Shape
          : SqueezeAxes<S, Axis[number], Op>
        : Shape

type WithoutOnes<S extends Shape, Out extends number[] = []> = S extends readonly [
  infer D extends number,
  ...infer Rest extends number[],
]
  ? WithoutOnes<Rest, D extends 1 ? Out : [...Out, D]>
  : Out

type SqueezeAxis<S extends Shape, Axis extends number, Op extends string> = Axis extends unknown
  ? SqueezeAxes<S, Axis, Op>
  : never

type SqueezeAxes<S extends Shape, Axes extends number, Op extends string> = [OutOfRange<S, Axes>] extends [
  never,
]
  ? [NotOne<S, Axes>] extends [never]
    ? Drop<S, IndexOf<S, Axes> & number>
    : ShapeMismatch<`${Op}: the dimension at axis ${NotOne<S, Axes>} of shape ${FormatShape<S>} is not 1`>
  : ShapeMismatch<AxisMessage<Op, S, OutOfRange<S, Axes>>>

/** Those of a union of axes whose dimension is known and not 1. */
type NotOne<S extends Shape, Axis extends number> = Axis extends unknown
  ? Agree<S[IndexOf<S, Axis> & keyof S] & number, 1> extends false
    ? Axis
    : never
  : never

// ---------------------------------------------------------------------------------------------------------
// Joining and picking

/**
 * The shape of several tensors joined along `Axis`. Dimensions along it add up; all others must agree:
 * `concat: dimensions 3 and 4 differ at axis 0`.
 */
export type Concat<
  Shapes extends readonly Shape[],
  Axis extends number = 0,
  Op extends string = 'concat',
> = number extends Shapes['length']
  ? ConcatMany<Shapes[number], Axis, Op>
  : Shapes extends readonly [infer First extends Shape, ...infer Rest extends readonly Shape[]]
    ? number extends Shapes[number]['length']
      ? Shape
      : number extends Axis
        ? Unknowns<First>
        : Axis extends unknown
          ? [OutOfRange<First, Axis>] extends [never]
            ? ConcatRest<First, Rest, IndexOf<First, Axis> & number, Op>
            : ShapeMismatch<AxisMessage<Op, First, Axis>>
          : never
    : Shape

/** An array of unknown length, whose elements all have the shape `S`. */
type ConcatMany<S extends Shape, Axis extends number, Op extends string> = S extends unknown
  ? number extends S['length']
    ? Shape
    : number extends Axis
      ? Unknowns<S>
      : Axis extends unknown
        ? [OutOfRange<S, Axis>] extends [never]
          ? Splice<S, IndexOf<S, Axis> & number, [number]>
          : ShapeMismatch<AxisMessage<Op, S, Axis>>
        : never
  : never

type ConcatRest<
  Done extends Shape,
  Shapes extends readonly Shape[],
  At extends number,
  Op extends string,
> = Shapes extends readonly [infer Next extends Shape, ...infer Rest extends readonly Shape[]]
  ? Join2<Done, Next, At, Op> extends infer Joined
    ? Joined extends Shape
      ? ConcatRest<Joined, Rest, At, Op>
      : Joined
    : never
  : [...Done]

type Join2<
  A extends Shape,
  B extends Shape,
  At extends number,
  Op extends string,
> = A['length'] extends B['length'] ? JoinDimensions<A, B, At, Op> : ShapeMismatch<RankMessage<A, B, Op>>

/** The block that was asked for, of `S`'s rank; a size of −1, which takes what is left, is not known. */
export type DynamicSlice<S extends Shape, Sizes extends Shape, Op extends string = 'dynamicSlice'> =
  SameRank<S, Sizes, Op> extends ShapeMismatch<infer Message>
    ? ShapeMismatch<Message>
    : number extends Sizes['length']
      ? Shape
      : { -readonly [K in keyof Sizes]: Sizes[K] extends -1 ? number : Sizes[K] }

/** `B` if it has as many dimensions as `A`, as far as their types say. */
export type SameRank<A extends Shape, B extends Shape, Op extends string> = A extends unknown
  ? number extends A['length'] | B['length']
    ? B
    : A['length'] extends B['length']
      ? B
      : ShapeMismatch<RankMessage<A, B, Op>>
  : never

type RankMessage<
  A extends Shape,
  B extends Shape,
  Op extends string,
> = `${Op}: ranks ${A['length']} and ${B['length']} differ (shapes ${FormatShape<A>} and ${FormatShape<B>})`

type JoinDimensions<
  A extends Shape,
  B extends Shape,
  At extends number,
  Op extends string,
  Out extends number[] = [],
> = A extends readonly [infer DA extends number, ...infer RestA extends number[]]
  ? B extends readonly [infer DB extends number, ...infer RestB extends number[]]
    ? Out['length'] extends At
      ? JoinDimensions<RestA, RestB, At, Op, [...Out, Sum<DA, DB>]>
      : Agree<DA, DB> extends false
        ? ShapeMismatch<`${Op}: dimensions ${DA} and ${DB} differ at axis ${Out['length']}`>
        : JoinDimensions<RestA, RestB, At, Op, [...Out, Merge<DA, DB>]>
    : Out
  : Out

/** The shape of several tensors of one shape laid side by side along a new `Axis` of the result. */
export type Stack<
  Shapes extends readonly Shape[],
  Axis extends number = 0,
  Op extends string = 'stack',
> = number extends Shapes['length']
  ? StackMany<Shapes[number], Axis, Op>
  : Shapes extends readonly [infer First extends Shape, ...infer Rest extends readonly Shape[]]
    ? number extends Shapes[number]['length']
      ? Shape
      : StackSame<First, Rest, Op> extends infer Same
        ? Same extends Shape
          ? InsertAt<Same, Axis, Shapes['length'], Op>
          : Same
        : never
    : Shape

/** An array of unknown length, whose elements all have the shape `S`. */
type StackMany<S extends Shape, Axis extends number, Op extends string> = S extends unknown
  ? InsertAt<S, Axis, number, Op>
  : never

type StackSame<
  Done extends Shape,
  Shapes extends readonly Shape[],
  Op extends string,
> = Shapes extends readonly [infer Next extends Shape, ...infer Rest extends readonly Shape[]]
  ? Join2<Done, Next, never, Op> extends infer Same
    ? Same extends Shape
      ? StackSame<Same, Rest, Op>
      : Same
    : never
  : [...Done]

/** `S` with the dimension at `Axis` replaced by the dimensions of the indices `I`. */
export type Gather<
  S extends Shape,
  I extends Shape,
  Axis extends number = 0,
  Op extends string = 'gather',
> = number extends S['length'] | I['length']
  ? Shape
  : number extends Axis
    ? S extends readonly [unknown, ...infer Rest extends number[]]
      ? Unknowns<[...I, ...Rest]>
      : Shape
    : Axis extends unknown
      ? [OutOfRange<S, Axis>] extends [never]
        ? Splice<S, IndexOf<S, Axis> & number, I>
        : ShapeMismatch<AxisMessage<Op, S, Axis>>
      : never
