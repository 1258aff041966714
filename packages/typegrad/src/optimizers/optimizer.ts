import { ArgumentError, StateError } from '../base/errors.ts'
import { type Check, checkSpelling, either, number, numeric, optionsOf, string } from '../base/options.ts'
import { type Configurable, type SerializedObject, serialize } from '../base/serialization.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { asWork, complete, type Work } from '../base/work.ts'
import { cast } from '../ops/apply.ts'
import { add, div, floorDiv, mod, mul, sub } from '../ops/arithmetic.ts'
import { equal } from '../ops/comparison.ts'
import { getSchedule, type LearningRateSchedule } from '../schedules/index.ts'
import { full, zerosLike } from '../tensor/create.ts'
import { fromData, scalar, type Tensor } from '../tensor/tensor.ts'
import { withScope } from '../tensor/trace.ts'
import { Variable } from '../tensor/variable.ts'
import { type ClippingOptions, checkClipping, clipGradients, clippingChecks } from './clipping.ts'
import { assignWhere } from './conditional.ts'
import {
  type MovingAverage,
  type MovingAverageOptions,
  movingAverage,
  movingAverageChecks,
  updateAverages,
} from './moving-average.ts'
import { assign, type Slot, type Slots, type Step, type UpdateRule } from './rule.ts'

/** What every optimizer's factory takes. */
export interface OptimizerOptions extends ClippingOptions, MovingAverageOptions {
  /** Default: the class's name in lower case. */
  readonly name?: string | undefined
  /** A number, or a schedule that gives one for every step. */
  readonly learningRate?: number | LearningRateSchedule | SerializedObject | undefined
  /** The share of a weight, times the learning rate, that each step takes off. Default: none. */
  readonly weightDecay?: number | undefined
  /** What the loss was multiplied with, so that small gradients do not become 0 in float16. Default: nothing. */
  readonly lossScaleFactor?: number | undefined
  /** How many calls' gradients are averaged before the weights change. Default: each call changes them. */
  readonly gradientAccumulationSteps?: number | undefined
}

const schedule: Check<object> = {
  expected: 'a schedule',
  accepts: (value) => typeof value === 'object' && value !== null,
}

export const optimizerChecks = optionsOf<OptimizerOptions>()({
  learningRate: either(numeric, schedule),
  ...clippingChecks,
  ...movingAverageChecks,
  name: string,
  weightDecay: number,
  lossScaleFactor: number,
  gradientAccumulationSteps: number,
})

/**
 * How gradients change weights.
 *
 * A subclass says which slots a weight has and gives the rule of a step. What does not depend on the weight
 * belongs before the rule, where it is computed once; a slot's new value should follow element by element from
 * the old one and the gradient, so that it can be written in place.
 *
 * @example
 * class SignDescent extends Optimizer {
 *   readonly className = 'SignDescent'
 *   constructor(options: OptimizerOptions = {}) { super(options, 'sign_descent', 0.001) }
 *   protected rule({ learningRate }: Step): UpdateRule {
 *     return (gradient, weight) => weight.assign(weight.value.sub(gradient.sign().mul(learningRate)))
 *   }
 * }
 */
export abstract class Optimizer implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the optimizer. */
  abstract readonly className: string
  readonly name: string
  /** The current learning rate: float32. With a schedule, that of the last step. */
  readonly learningRate: Variable
  /** Number of steps made, with gradient accumulation that of calls: int32. */
  readonly iterations: Variable
  readonly schedule: LearningRateSchedule | undefined
  readonly weightDecay: number | undefined
  readonly lossScaleFactor: number | undefined
  readonly gradientAccumulationSteps: number | undefined
  readonly #average: MovingAverage
  readonly #clipping: ClippingOptions
  #rate: number
  readonly #slots = new Map<Variable, Slots>()
  #slotVariables: readonly Variable[] = []
  readonly #scalars: Record<string, Variable> = {}
  #undecayed: (weight: Variable) => boolean = () => false

  /** @param name and @param defaultLearningRate what holds where the options say nothing. */
  constructor(options: OptimizerOptions, name: string, defaultLearningRate: number) {
    const { learningRate = defaultLearningRate, weightDecay, clipnorm, clipvalue, globalClipnorm } = options
    this.name = options.name ?? name
    checkSpelling(this.name, options, optimizerChecks)
    this.#clipping = { clipnorm, clipvalue, globalClipnorm }
    checkClipping(this.name, this.#clipping)
    this.weightDecay = weightDecay
    this.lossScaleFactor = options.lossScaleFactor
    this.gradientAccumulationSteps = checkedAccumulation(this.name, options.gradientAccumulationSteps)
    this.#average = movingAverage(this.name, options)
    this.schedule = typeof learningRate === 'number' ? undefined : getSchedule(learningRate)
    this.#rate = typeof learningRate === 'number' ? checkedRate(this.name, learningRate) : defaultLearningRate
    this.learningRate = new Variable(hostScalar(this.#rate), { name: 'learning_rate', trainable: false })
    this.iterations = new Variable(fromData(new Int32Array(1), [], 'int32') as Tensor, {
      name: 'iteration',
      trainable: false,
    })
  }

  /**
   * The learning rate as a number: read it to show it, set it to change it from the next step on.
   *
   * @throws StateError when set with a schedule, ArgumentError for what is no rate.
   * @example
   * model.optimizer.learningRateValue /= 10
   */
  get learningRateValue(): number {
    const { node } = this.learningRate
    const stored = node.kind === 'data' ? node.params.source.host?.[0] : undefined
    // The number that was set has more digits than the float32 that it became.
    return typeof stored !== 'number' || stored === Math.fround(this.#rate) ? this.#rate : stored
  }

  set learningRateValue(rate: number) {
    if (this.schedule !== undefined) {
      throw new StateError({
        where: this.name,
        expected: 'an optimizer with a number as its learning rate',
        received: `the schedule ${this.schedule.className}`,
        fix: 'Make the optimizer with a number to set it later.',
      })
    }
    this.#rate = checkedRate(this.name, rate)
    this.learningRate.assign(hostScalar(this.#rate))
  }

  /** The slots of every weight, in groups: Keras keeps all of a group before the next one. */
  protected slotGroups(): readonly (readonly Slot[])[] {
    return []
  }

  /** Numbers (float32) that the optimizer keeps beside the slots of the weights. */
  protected scalarSlots(): readonly Slot[] {
    return []
  }

  /** The rule of one step. Traced. */
  protected abstract rule(step: Step): UpdateRule

  get built(): boolean {
    return this.#slots.size > 0
  }

  /** The weights that the optimizer was built for. */
  get weights(): readonly Variable[] {
    return [...this.#slots.keys()]
  }

  /** All state, in Keras's order: steps made, learning rate (unless scheduled), slots. */
  get variables(): readonly Variable[] {
    const rate = this.schedule === undefined ? [this.learningRate] : []
    return [this.iterations, ...rate, ...this.#slotVariables]
  }

  /** The optimizers that this one hands its work to; none where it does the work itself. */
  get innerOptimizers(): readonly Optimizer[] {
    return []
  }

  /** The slots of a weight. @throws StateError for a weight that the optimizer was not built for. */
  slotsOf(weight: Variable): Slots {
    const slots = this.findSlots(weight)
    if (slots === undefined) throw this.#unknownWeight(weight)
    return slots
  }

  /** The slots of a weight; undefined for one that the optimizer was not built for. */
  findSlots(weight: Variable): Slots | undefined {
    return this.#slots.get(weight)
  }

  /**
   * Makes the slots. Once; later calls check that the weights are among those of the first.
   *
   * @throws StateError if they are not.
   */
  build(weights: readonly Variable[]): void {
    if (this.built) {
      for (const weight of weights) this.slotsOf(weight)
      return
    }
    const made = new Map(weights.map((weight) => [weight, {} as Record<string, Variable>]))
    const order: Variable[] = []
    for (const group of [...this.#commonGroups(), ...this.slotGroups()]) {
      for (const [weight, slots] of made) {
        for (const slot of group) {
          if (slot.appliesTo !== undefined && !slot.appliesTo(weight)) continue
          const variable = slotVariable(slot, weight)
          slots[slot.name] = variable
          order.push(variable)
        }
      }
    }
    for (const { name, initialValue = 0 } of this.scalarSlots()) {
      const variable = new Variable(full([], initialValue as number) as Tensor, { name, trainable: false })
      this.#scalars[name] = variable
      order.push(variable)
    }
    for (const [weight, slots] of made) this.#slots.set(weight, slots)
    this.#slotVariables = order
  }

  /** What every optimizer keeps, by its options: averages and gradients not applied yet. */
  #commonGroups(): readonly (readonly Slot[])[] {
    return [
      ...(this.#average.useEma ? [[{ name: 'average' }]] : []),
      ...(this.gradientAccumulationSteps === undefined ? [] : [[{ name: 'gradient_accumulator' }]]),
    ]
  }

  /** The number that `scalarSlots` names. */
  protected scalarSlot(name: string): Variable {
    return this.#scalars[name] as Variable
  }

  /**
   * Says which weights `weightDecay` leaves alone, such as biases and the scales of normalizations.
   *
   * @param excluded weights, or what their names contain.
   * @example
   * optimizer.excludeFromWeightDecay(['bias', 'gamma', 'beta'])
   */
  excludeFromWeightDecay(excluded: readonly (Variable | string)[]): void {
    this.#undecayed = (weight) =>
      excluded.some((item) => (typeof item === 'string' ? weight.name.includes(item) : item === weight))
  }

  /**
   * Makes one step: clips the gradients, decays the weights, updates them by the rule and counts. Traceable;
   * builds the optimizer if that has not been done.
   *
   * @throws ArgumentError if gradients and weights are not one to one, StateError for other weights than before.
   * @example
   * const { value, grads } = valueAndGrad(() => lossOf(x, y), model.trainableWeights)
   * optimizer.apply(grads, model.trainableWeights)
   */
  apply(grads: readonly Tensor[], weights: readonly Variable[]): void {
    complete(this.#apply(grads, weights))
  }

  /** What `apply` does, as work that may be interrupted between weights: one piece where a class has its own. */
  applyWork(grads: readonly Tensor[], weights: readonly Variable[]): Work<void> {
    return this.apply === Optimizer.prototype.apply
      ? this.#apply(grads, weights)
      : asWork(() => this.apply(grads, weights))
  }

  *#apply(grads: readonly Tensor[], weights: readonly Variable[]): Work<void> {
    this.checkGradients(grads, weights)
    if (weights.length === 0) return
    this.build(weights)
    const learningRate = this.schedule?.at(this.iterations.value) ?? (this.learningRate.value as Tensor)
    if (this.schedule !== undefined) this.learningRate.assign(learningRate)
    const { lossScaleFactor, gradientAccumulationSteps: calls } = this
    const unscaled =
      lossScaleFactor === undefined ? grads : grads.map((g) => div(g, lossScaleFactor) as Tensor)
    const before = this.iterations.value as Tensor
    const done = calls === undefined ? before : (floorDiv(before, scalar(calls, 'int32')) as Tensor)
    const step = { learningRate, number: cast(add(done, 1) as Tensor, 'float32') }
    if (calls === undefined) yield* this.#update(unscaled, weights, step)
    else this.#accumulate(unscaled, weights, step, calls)
    if (this.#average.useEma) updateAverages(this.#slots, this.#average, done)
    this.iterations.assign(add(before, 1) as Tensor)
  }

  /**
   * What to differentiate in place of the loss: the loss times `lossScaleFactor`, which `apply` takes off the
   * gradients again.
   */
  scaleLoss(loss: Tensor): Tensor {
    return this.lossScaleFactor === undefined ? loss : (mul(loss, this.lossScaleFactor) as Tensor)
  }

  /** Whether moving averages of the weights are kept. */
  get useEma(): boolean {
    return this.#average.useEma
  }

  /** The weights with the moving average of each; empty without `useEma`, and before the optimizer is built. */
  get averages(): ReadonlyMap<Variable, Variable> {
    if (!this.#average.useEma) return new Map()
    return new Map([...this.#slots].map(([weight, slots]) => [weight, slots.average as Variable]))
  }

  /**
   * Gives the weights the values to keep after training: their moving averages with `useEma`, else nothing
   * changes.
   */
  finalizeVariableValues(weights: readonly Variable[]): void {
    if (!this.#average.useEma) return
    for (const weight of weights) weight.assign((this.slotsOf(weight).average as Variable).value)
  }

  /** Clips, decays, and applies the rule. */
  *#update(grads: readonly Tensor[], weights: readonly Variable[], step: Step): Work<void> {
    const clipped = clipGradients(grads, this.#clipping)
    yield
    yield* this.#decay(weights, step.learningRate)
    const update = this.rule(step)
    for (const [i, weight] of weights.entries()) {
      update(cast(clipped[i] as Tensor, weight.dtype), weight, this.slotsOf(weight))
      yield
    }
  }

  /** Adds to the accumulators; every so many calls, updates by the mean and empties them. */
  #accumulate(grads: readonly Tensor[], weights: readonly Variable[], step: Step, calls: number): void {
    const accumulators = weights.map((weight) => this.slotsOf(weight).gradient_accumulator as Variable)
    const sums = accumulators.map((slot, i) => assign(slot, add(slot.value, grads[i] as Tensor)))
    const int = (value: number): Tensor => scalar(value, 'int32')
    const isLast = equal(mod(this.iterations.value, int(calls)), int(calls - 1))
    assignWhere(isLast, () => {
      const means = sums.map((sum) => div(sum, calls) as Tensor)
      complete(this.#update(means, weights, step))
      for (const slot of accumulators) slot.assign(zerosLike(slot.value))
    })
  }

  /** What each step takes off a weight, as a share times the learning rate; undefined for nothing. */
  protected decayOf(_weight: Variable): number | undefined {
    return this.weightDecay
  }

  /** w − w·decay·rate, with one product. */
  *#decay(weights: readonly Variable[], learningRate: Tensor): Work<void> {
    for (const weight of weights) {
      const decay = this.#undecayed(weight) ? undefined : this.decayOf(weight)
      if (decay === undefined) continue
      assign(weight, mul(weight.value, sub(1, mul(learningRate, decay))))
      yield
    }
  }

  /** @throws ArgumentError if gradients and weights are not one to one. */
  protected checkGradients(grads: readonly Tensor[], weights: readonly Variable[]): void {
    if (grads.length !== weights.length) {
      throw new ArgumentError({
        where: `${this.name}.apply`,
        expected: `a gradient for each of the ${weights.length} weights`,
        received: `${grads.length}`,
      })
    }
    weights.forEach((weight, i) => {
      const gradient = grads[i] as Tensor
      if (sameShape(gradient.shape, weight.shape)) return
      throw new ArgumentError({
        where: `${this.name}.apply`,
        expected: `a gradient of shape ${formatShape(weight.shape)} for ${weight.name}`,
        received: formatShape(gradient.shape),
      })
    })
  }

  #unknownWeight(weight: Variable): StateError {
    return new StateError({
      where: this.name,
      expected: `the ${this.#slots.size} weights that the optimizer was built for`,
      received: `${weight.name} ${formatShape(weight.shape)}, which is none of them`,
      fix: 'Make a new optimizer for other weights: call compile again.',
    })
  }

  /** What makes the optimizer again with these options; JSON. Its state stands in `variables`. */
  getConfig(): Record<string, unknown> {
    const { clipnorm = null, clipvalue = null, globalClipnorm = null } = this.#clipping
    return {
      name: this.name,
      learningRate: this.schedule === undefined ? this.learningRateValue : serialize(this.schedule),
      weightDecay: this.weightDecay ?? null,
      clipnorm,
      clipvalue,
      globalClipnorm,
      ...this.#average,
      emaOverwriteFrequency: this.#average.emaOverwriteFrequency ?? null,
      lossScaleFactor: this.lossScaleFactor ?? null,
      gradientAccumulationSteps: this.gradientAccumulationSteps ?? null,
    }
  }
}

/** A slot as it is before the first step. */
function slotVariable(slot: Slot, weight: Variable): Variable {
  const { name, initialValue = 0, shape, dtype = weight.dtype } = slot
  const value =
    typeof initialValue === 'function'
      ? // The value that the weight has now, not what stands for it in a function that is being traced.
        withScope(undefined, () => initialValue(weight))
      : full(shape?.(weight.shape) ?? weight.shape, initialValue, { dtype })
  return new Variable(value as Tensor, { name: `${weight.name}/${name}`, trainable: false })
}

const hostScalar = (value: number): Tensor => fromData(Float32Array.of(value), [], 'float32') as Tensor

function checkedRate(where: string, rate: number): number {
  if (typeof rate === 'number' && rate >= 0 && Number.isFinite(rate)) return rate
  throw new ArgumentError({
    where: `${where}: learningRate`,
    expected: 'a number of at least 0, or a schedule',
    received: String(rate),
  })
}

function checkedAccumulation(where: string, calls: number | undefined): number | undefined {
  if (calls === undefined || (Number.isInteger(calls) && calls >= 2)) return calls
  throw new ArgumentError({
    where,
    expected: 'a whole number of at least 2 for gradientAccumulationSteps',
    received: String(calls),
  })
}
