import { StateError } from '../../base/errors.ts'
import { SymbolicTensor } from '../base/symbolic.ts'
import { Operation } from './operation.ts'
import type { Call, Row } from './row.ts'
import type { SymbolicName } from './signatures.ts'
import { type OperationName, operations } from './table.ts'

/** What a function makes of arguments that its own type has let through. */
type AnyMaker = (...args: readonly unknown[]) => Call<unknown>

/** The functions here that make an operation of a symbolic tensor, with its class. */
const makers = new Map<string, readonly [OperationName, AnyMaker]>(
  (Object.entries(operations) as [OperationName, Row][]).flatMap(([className, { calls }]) =>
    Object.entries(calls).map(([name, call]) => [name, [className, call as AnyMaker]] as const),
  ),
)

/** Functions of which Keras has no operation that computes on all its backends, as others that it has. */
const composed: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  norm: (x, ...over) => callSymbolic('sqrt', [callSymbolic('sum', [callSymbolic('square', [x]), ...over])]),
}

export const isSymbolicName = (name: string): name is SymbolicName =>
  makers.has(name) || Object.hasOwn(composed, name)

/** Names of all functions that make operations. */
export const symbolicNames = [...makers.keys(), ...Object.keys(composed)] as readonly SymbolicName[]

/** Whether one of a function's arguments is symbolic, by itself or in a list of tensors. */
export const areSymbolic = (args: readonly unknown[]): boolean =>
  args.some(
    (arg) =>
      arg instanceof SymbolicTensor ||
      (Array.isArray(arg) &&
        typeof arg[0] === 'object' &&
        arg.some((item) => item instanceof SymbolicTensor)),
  )

/** Puts an operation into the graph: a function here, called with symbolic tensors. */
export function callSymbolic(name: string, args: readonly unknown[]): unknown {
  if (Object.hasOwn(composed, name)) return composed[name]?.(...args)
  const found = makers.get(name)
  if (found === undefined) throw notSymbolic(name, args)
  const [className, make] = found
  const call = make(...args)
  const outputs = new Operation(className, call.options).symbolic(call.args)
  return call.result === undefined ? outputs[0] : call.result(outputs)
}

/** For what needs values, and operations that the table lacks. */
export const notSymbolic = (name: string, args: readonly unknown[]): StateError =>
  new StateError({
    where: name,
    expected: 'an operation that is supported on symbolic tensors',
    received: `${String(args.find((arg) => arg instanceof SymbolicTensor) ?? 'a symbolic tensor')}`,
    fix: `A place in a model has no values. Put ${name} into layers.lambda, or into a layer of your own (extend Layer), where it gets tensors.`,
  })
