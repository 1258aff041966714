import { anything, needed, number, optionsOf, string } from '../base/options.ts'
import { isSerialized, type SerializedObject, serialize } from '../base/serialization.ts'
import { takes } from '../base/takes.ts'
import { cast } from '../ops/apply.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { equal, logicalAnd, where } from '../ops/comparison.ts'
import { logicalNot } from '../ops/elementwise.ts'
import { all } from '../ops/reduce.ts'
import { full } from '../tensor/create.ts'
import { fromData, scalar, type Tensor } from '../tensor/tensor.ts'
import { Variable } from '../tensor/variable.ts'
import { assignWhere } from './conditional.ts'
import { innerOptimizerOf } from './inner-optimizer.ts'
import { Optimizer } from './optimizer.ts'
import type { Slots, UpdateRule } from './rule.ts'

export interface LossScaleOptimizerOptions {
  /** Default `'loss_scale_optimizer'`. */
  readonly name?: string | undefined
  /** The optimizer that makes the steps. */
  readonly innerOptimizer: Optimizer | SerializedObject | string
  /** What the loss is multiplied with at first. Default 32768. */
  readonly initialScale?: number | undefined
  /** After how many steps with finite gradients in a row the scale doubles. Default 2000. */
  readonly dynamicGrowthSteps?: number | undefined
}

export const lossScaleOptimizerChecks = optionsOf<LossScaleOptimizerOptions>()({
  name: string,
  innerOptimizer: needed(anything),
  initialScale: number,
  dynamicGrowthSteps: number,
})

/** See {@link lossScaleOptimizer}. */
@takes(lossScaleOptimizerChecks)
export class LossScaleOptimizer extends Optimizer {
  readonly className = 'LossScaleOptimizer'
  readonly innerOptimizer: Optimizer
  readonly initialScale: number
  readonly dynamicGrowthSteps: number
  /** Steps with finite gradients since the scale last changed: int32. */
  readonly stepCounter: Variable
  /** What the loss is multiplied with: float32. */
  readonly dynamicScale: Variable

  constructor({
    name,
    innerOptimizer,
    initialScale = 2 ** 15,
    dynamicGrowthSteps = 2000,
  }: LossScaleOptimizerOptions) {
    super({ name }, 'loss_scale_optimizer', 0)
    this.innerOptimizer = innerOptimizerOf(innerOptimizer)
    this.initialScale = initialScale
    this.dynamicGrowthSteps = dynamicGrowthSteps
    this.stepCounter = new Variable(fromData(new Int32Array(1), [], 'int32'), {
      name: 'step_counter',
      trainable: false,
    })
    this.dynamicScale = new Variable(full([], initialScale), {
      name: 'dynamic_scale',
      trainable: false,
    })
  }

  override get innerOptimizers(): readonly Optimizer[] {
    return [this.innerOptimizer]
  }

  override get built(): boolean {
    return this.innerOptimizer.built
  }

  override build(weights: readonly Variable[]): void {
    this.innerOptimizer.build(weights)
  }

  override get weights(): readonly Variable[] {
    return this.innerOptimizer.weights
  }

  override slotsOf(weight: Variable): Slots {
    return this.innerOptimizer.slotsOf(weight)
  }

  override findSlots(weight: Variable): Slots | undefined {
    return this.innerOptimizer.findSlots(weight)
  }

  override get variables(): readonly Variable[] {
    return [...super.variables, this.stepCounter, this.dynamicScale, ...this.innerOptimizer.variables]
  }

  override get learningRateValue(): number {
    return this.innerOptimizer?.learningRateValue ?? 0
  }

  override set learningRateValue(rate: number) {
    this.innerOptimizer.learningRateValue = rate
  }

  override excludeFromWeightDecay(excluded: readonly (Variable | string)[]): void {
    this.innerOptimizer.excludeFromWeightDecay(excluded)
  }

  override scaleLoss(loss: Tensor): Tensor {
    return mul(loss, this.dynamicScale.value)
  }

  override get useEma(): boolean {
    return this.innerOptimizer.useEma
  }

  override get averages(): ReadonlyMap<Variable, Variable> {
    return this.innerOptimizer.averages
  }

  override finalizeVariableValues(weights: readonly Variable[]): void {
    this.innerOptimizer.finalizeVariableValues(weights)
  }

  override apply(grads: readonly Tensor[], weights: readonly Variable[]): void {
    if (weights.length === 0) return
    this.build(weights)
    const scale = this.dynamicScale.value
    const finite = grads.map(allFinite).reduce((a, b) => logicalAnd(a, b))
    assignWhere(finite, () => {
      this.innerOptimizer.apply(
        grads.map((g) => div(g, scale)),
        weights,
      )
    })
    const int = (value: number): Tensor => scalar(value, 'int32')
    const count = this.stepCounter.value
    const grows = equal(count, int(this.dynamicGrowthSteps - 1))
    const resets = logicalAnd(finite, logicalNot(grows))
    this.stepCounter.assign(where(resets, add(count, int(1)), int(0)))
    this.dynamicScale.assign(mul(scale, where(finite, where(grows, 2, 1), 0.5)))
  }

  protected override rule(): UpdateRule {
    return () => {}
  }

  override getConfig(): Record<string, unknown> {
    const { name, initialScale, dynamicGrowthSteps } = this
    return { name, innerOptimizer: serialize(this.innerOptimizer), initialScale, dynamicGrowthSteps }
  }
}

/** Whether all elements are numbers other than ±∞: x − x is 0 for those alone. */
const allFinite = (x: Tensor): Tensor => all(equal(cast(sub(x, x), 'float32'), 0))

/**
 * An optimizer for losses that are scaled so that small gradients do not become 0 in float16. Steps whose
 * gradients are not finite are left out and halve the scale; `dynamicGrowthSteps` finite ones double it
 * (Micikevicius et al. 2017, https://arxiv.org/abs/1710.03740).
 *
 * @example
 * const optimizer = optimizers.lossScaleOptimizer({ innerOptimizer: 'adam' })
 * const { grads } = valueAndGrad(() => optimizer.scaleLoss(lossOf(x, y)), weights)
 * optimizer.apply(grads, weights)
 */
export const lossScaleOptimizer = (
  options: LossScaleOptimizerOptions | Optimizer | SerializedObject | string,
): LossScaleOptimizer =>
  new LossScaleOptimizer(
    typeof options === 'string' || options instanceof Optimizer || isSerialized(options)
      ? { innerOptimizer: options }
      : options,
  )
