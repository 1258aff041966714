import { ArgumentError } from '../../base/errors.ts'
import type { OptionChecks } from '../../base/options.ts'
import { either, integer, optionsOf, orNull } from '../../base/options.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { Outputs, SymbolicTensor } from '../base/symbolic.ts'
import type { BinaryName, Operand, Signatures, SymbolicName, UnaryName } from './signatures.ts'

export type { Operand, SymbolicStarts } from './signatures.ts'

/** A call of this library's function in the words of Keras's class: what the class is called with, and its options. */
export interface Call<R = SymbolicTensor> {
  readonly args: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
  /** What the function gives back of the operation's outputs. Default the only one. */
  readonly result?: (outputs: readonly SymbolicTensor[]) => R
}

/** A function of this library's, as what it makes of its arguments. */
export type Maker<N extends SymbolicName> = (
  ...args: Parameters<Signatures[N]>
) => Call<ReturnType<Signatures[N]>>
export type Makers = { readonly [N in SymbolicName]: Maker<N> }

/** One of Keras's operations: how its class stands in files, what it computes, and which functions here make it. */
export interface Row {
  /** Where the class stands in Keras, behind `keras.src.`. */
  readonly module: string
  /** Names of the call's arguments in order; the last takes all that are left where it begins with an asterisk. */
  readonly takes: readonly string[]
  /** Options of the class, in camel case, with what each has to be. */
  readonly checks: OptionChecks<unknown>
  readonly defaults: Readonly<Record<string, unknown>>
  readonly compute: (args: readonly unknown[], options: Readonly<Record<string, unknown>>) => Outputs
  readonly calls: Partial<Makers>
}

/** A row as it is written: its arguments and options with their types. */
interface Written<O extends object, A extends readonly unknown[]> {
  readonly module?: string
  readonly takes?: readonly string[]
  readonly checks?: OptionChecks<O>
  readonly defaults?: Partial<O>
  readonly compute: (options: O, ...args: A) => Outputs
  readonly calls?: Partial<Makers>
}

const none = optionsOf<Record<never, never>>()({})

/** A row of the table. Options are checked before `compute` sees them; arguments are what the call or the file gave. */
export const row = <O extends object, A extends readonly unknown[]>({
  module = 'ops.numpy',
  takes = ['x'],
  checks,
  defaults = {},
  compute,
  calls = {},
}: Written<O, A>): Row => ({
  module,
  takes,
  checks: (checks ?? none) as OptionChecks<unknown>,
  defaults: defaults as Readonly<Record<string, unknown>>,
  compute: (args, options) => compute(options as O, ...(args as unknown as A)),
  calls,
})

/** Nested arrays as tensors: files hold constants as tensors or numbers. */
export const operand = (value: Operand): Operand =>
  Array.isArray(value) ? asTensor(value as TensorLike) : value

/** What arithmetic takes as a tensor. */
export const tensorOf = (value: TensorLike): Tensor => (value instanceof Tensor ? value : asTensor(value))

/** The functions of one name. */
export const named = <N extends SymbolicName>(name: N, call: Maker<N>): Partial<Makers> => ({ [name]: call })

/** An operation on one tensor, without options, that no function here makes. */
export const computed = (compute: (x: Tensor) => unknown, module = 'ops.numpy'): Row =>
  row({ module, compute: (_: object, x: TensorLike) => compute(tensorOf(x)) as Tensor })

/** An operation on one tensor, without options. */
export const unary = (ours: UnaryName, compute: (x: Tensor) => unknown, module = 'ops.numpy'): Row =>
  row({
    module,
    compute: (_: object, x: TensorLike) => compute(tensorOf(x)) as Tensor,
    calls: named(ours, (x) => ({ args: [operand(x)] })),
  })

/** An operation on two, either of which may be a constant. */
export const binary = (
  ours: BinaryName,
  compute: (a: TensorLike, b: never) => unknown,
  module = 'ops.numpy',
): Row =>
  row({
    module,
    takes: ['x1', 'x2'],
    compute: (_: object, a: TensorLike, b: TensorLike) => compute(a, b as never) as Tensor,
    calls: named(ours, (a, b) => ({ args: [operand(a), operand(b)] })),
  })

export type Axis = number | readonly number[] | null
export const axisChecks = either(orNull(integer), {
  expected: 'an array of whole numbers',
  accepts: (value) => Array.isArray(value) && value.every(Number.isInteger),
})

export const whole = orNull(integer)

/** What a class of Keras's can do and this library cannot. */
export const unsupported = (what: string): ArgumentError =>
  new ArgumentError({
    where: what,
    expected: 'one of the operations that are supported here',
    received: 'one that is not supported',
    fix: "Compute it in a layer of your own: extend Layer, and register it for models that are saved: register('layer', …).",
  })
