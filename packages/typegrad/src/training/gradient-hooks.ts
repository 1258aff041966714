import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, sameShape, sizeOf } from '../base/shape.ts'
import { cast } from '../ops/apply.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { LossScaleOptimizer, type Optimizer } from '../optimizers/index.ts'
import { scalar, Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** What functions between gradients and update are told. */
export interface GradientContext {
  /** The weights that are trained, in the order of their gradients. */
  readonly variables: readonly Variable[]
  /** Number of samples in the batch. */
  readonly batchSize: number
}

/** What a traced function between gradients and update is told. */
export interface TracedGradientContext extends GradientContext {
  /** Steps that the optimizer has made so far: int32, a scalar. */
  readonly iterations: Tensor
}

/**
 * Changes gradients within the compiled step, before the optimizer has them. It is traced, so it must not look at values;
 * random numbers that it draws are the model's.
 *
 * @param grads one for each of `variables`, of its shape.
 * @returns as many, of the same shapes.
 */
export type GradientFunction = (grads: readonly Tensor[], context: TracedGradientContext) => readonly Tensor[]

/**
 * Exchanges gradients with others between two programs, the one that computes them and the one that updates.
 *
 * @param grads the elements of each gradient in row-major order, as float32 whatever the weight is: the function's own.
 * @returns as many arrays of the same lengths, which may be the same arrays.
 */
export type GradientExchange = (
  grads: readonly Float32Array[],
  context: GradientContext,
) => readonly Float32Array[] | Promise<readonly Float32Array[]>

/** What `compile` has between gradients and update. */
export interface GradientHooks {
  readonly gradients?: GradientFunction | undefined
  readonly exchange?: GradientExchange | undefined
}

/** What the optimizer wants the loss multiplied by; undefined where it takes the loss as it is. */
function scaleOf(optimizer: Optimizer): Tensor | undefined {
  const one = scalar(1)
  const scale = optimizer.scaleLoss(one)
  return scale === one ? undefined : scale
}

/** A loss scale leaves the counting to its optimizer, which does not make every step. */
const stepsOf = (optimizer: Optimizer): Variable =>
  optimizer instanceof LossScaleOptimizer ? optimizer.innerOptimizer.iterations : optimizer.iterations

/**
 * Gradients as a traced function makes them of those of the loss itself: a scale of the loss is taken off before. An
 * element that is not finite stays so, whatever the function does, since the optimizer leaves such steps out.
 */
export function changedGradients(
  grads: readonly Tensor[],
  optimizer: Optimizer,
  change: GradientFunction | undefined,
  context: GradientContext,
): readonly Tensor[] {
  const scale = scaleOf(optimizer)
  const unscaled = scale === undefined ? grads : grads.map((g) => div(g, scale))
  if (change === undefined) return unscaled
  const changed = change(unscaled, { ...context, iterations: stepsOf(optimizer).value })
  checkChanged(changed, context.variables)
  // x − x is 0 for finite numbers alone.
  return scale === undefined
    ? changed
    : changed.map((g, i) => add(g, sub(unscaled[i] as Tensor, unscaled[i] as Tensor)))
}

/** What `optimizer.apply` takes, of gradients of the loss itself. */
export function scaledGradients(
  grads: readonly Tensor[],
  optimizer: Optimizer,
  variables: readonly Variable[],
): readonly Tensor[] {
  const scale = scaleOf(optimizer)
  return grads.map((g, i) => {
    const own = cast(g, (variables[i] as Variable).dtype)
    return scale === undefined ? own : mul(own, scale)
  })
}

/** @throws ArgumentError unless there is a gradient of the shape of each weight. */
function checkChanged(changed: unknown, variables: readonly Variable[]): void {
  const isGradient = (g: unknown, { shape }: Variable) => g instanceof Tensor && sameShape(g.shape, shape)
  const list: readonly unknown[] | undefined = Array.isArray(changed) ? changed : undefined
  if (list?.length === variables.length) {
    const at = variables.findIndex((variable, i) => !isGradient(list[i], variable))
    if (at === -1) return
    const { name, shape } = variables[at] as Variable
    const got = list[at]
    throw new ArgumentError({
      where: 'compile: gradients',
      expected: `a gradient of shape ${formatShape(shape)} for ${name}`,
      received: got instanceof Tensor ? formatShape(got.shape) : typeof got,
      fix: 'Return a gradient for each one that is given, in the same order.',
    })
  }
  throw new ArgumentError({
    where: 'compile: gradients',
    expected: `a list of gradients for the ${variables.length} weights`,
    received:
      list === undefined ? (changed instanceof Promise ? 'a promise' : typeof changed) : `${list.length}`,
    fix:
      changed instanceof Promise
        ? 'The function is traced and cannot wait: exchange can.'
        : 'Return a gradient for each one that is given, in the same order.',
  })
}

/** @throws DataError unless there are elements for each weight. */
export function checkExchanged(exchanged: unknown, variables: readonly Variable[]): void {
  const refused = (expected: string, received: string) =>
    new DataError({
      where: 'compile: exchange',
      expected,
      received,
      fix: 'Return an array for each one that is given, in the same order.',
    })
  if (!Array.isArray(exchanged) || exchanged.length !== variables.length) {
    const received = Array.isArray(exchanged) ? `${exchanged.length}` : typeof exchanged
    throw refused(`a list of Float32Arrays for the ${variables.length} weights`, received)
  }
  variables.forEach(({ name, shape }, i) => {
    const array: unknown = exchanged[i]
    if (array instanceof Float32Array && array.length === sizeOf(shape)) return
    const received = array instanceof Float32Array ? `${array.length} elements` : typeof array
    throw refused(`a Float32Array of ${sizeOf(shape)} elements for ${name}`, received)
  })
}
