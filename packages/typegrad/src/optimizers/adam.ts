import { ArgumentError } from '../base/errors.ts'
import { boolean, number, oneOf, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, maximum, mul, pow, sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { type HalfDType, halfState } from './half-state.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface AdamOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the mean gradient each step keeps. Default 0.9. */
  readonly beta1?: number | undefined
  /** How much of the mean squared gradient each step keeps. Default 0.999. */
  readonly beta2?: number | undefined
  /** Added to the root of the mean squared gradient (the ε̂ of the paper's section 2.1). Default 1e-7. */
  readonly epsilon?: number | undefined
  /** Whether the largest mean squared gradient so far is used (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean | undefined
  /**
   * What the means are kept as between steps: `'bfloat16'` and `'float16'` take half of the memory, and more time; a step
   * computes in float32. In bfloat16 both are rounded to the nearest number, ties to even; where `beta2` is above 0.99 and a step
   * may change the mean squared gradient by less than a digit, that is rounded up or down at random, so that changes add up
   * on average (not in WebAssembly). In float16 the root of the mean squared gradient is kept, always rounded at random, and
   * gradients may be as large as 64. Default: the weights' dtype.
   */
  readonly stateDType?: 'float32' | 'float16' | 'bfloat16' | undefined
}

export const adamChecks = optionsOf<AdamOptions>()({
  ...optimizerChecks,
  beta1: share,
  beta2: share,
  epsilon: number,
  amsgrad: boolean,
  stateDType: oneOf('float32', 'float16', 'bfloat16'),
})

/** See {@link adam}. */
@takes(adamChecks)
export class Adam extends Optimizer {
  readonly className: string = 'Adam'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly amsgrad: boolean
  readonly stateDType: AdamOptions['stateDType']

  constructor(
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false, stateDType, ...options }: AdamOptions = {},
    name = 'adam',
  ) {
    super(options, name, 0.001)
    this.beta1 = beta1
    this.beta2 = beta2
    this.epsilon = epsilon
    this.amsgrad = amsgrad
    this.stateDType = stateDType
    checkHalves(this.name, amsgrad, stateDType)
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    const kept = this.stateDType === undefined ? {} : { dtype: this.stateDType }
    const moments = [
      { name: 'momentum', ...kept },
      { name: 'velocity', ...kept },
    ]
    return this.amsgrad ? [moments, [{ name: 'velocity_hat' }]] : [moments]
  }

  protected override rule({ learningRate, number }: Step): UpdateRule {
    const { beta1, beta2, epsilon, amsgrad, stateDType } = this
    const half = isHalf(stateDType) ? halfState(stateDType, beta2) : undefined
    // Both means begin at 0: 1 − βᵗ is the weight that they have gathered.
    const gathered = (beta: number): Tensor => sub(1, pow(scalar(beta), number))
    const rate = div(mul(learningRate, sqrt(gathered(beta2))), gathered(beta1))
    return (gradient, weight, slots) => {
      const [m, v] = [slots.momentum as Variable, slots.velocity as Variable]
      if (half !== undefined) {
        const momentum = moved(half.momentum.read(m.value), gradient, 1 - beta1)
        const velocity = moved(half.velocity.read(v.value), square(gradient), 1 - beta2)
        m.assign(half.momentum.keep(momentum))
        v.assign(half.velocity.keep(velocity))
        assign(weight, sub(weight.value, div(mul(momentum, rate), add(sqrt(velocity), epsilon))))
        return
      }
      const momentum = assign(m, moved(m.value, gradient, 1 - beta1))
      let velocity = assign(v, moved(v.value, square(gradient), 1 - beta2))
      if (amsgrad) {
        const largest = slots.velocity_hat as Variable
        velocity = assign(largest, maximum(largest.value, velocity))
      }
      const move = div(mul(momentum, rate), add(sqrt(velocity), epsilon))
      assign(weight, sub(weight.value, move))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon, amsgrad, stateDType } = this
    return {
      ...super.getConfig(),
      ...{ beta1, beta2, epsilon, amsgrad },
      ...(stateDType !== undefined && { stateDType }),
    }
  }
}

const isHalf = (dtype: AdamOptions['stateDType']): dtype is HalfDType =>
  dtype === 'float16' || dtype === 'bfloat16'

/** @throws ArgumentError for what is not kept in halves. */
function checkHalves(where: string, amsgrad: boolean, stateDType: AdamOptions['stateDType']): void {
  if (!amsgrad || !isHalf(stateDType)) return
  throw new ArgumentError({
    where,
    expected: `stateDType '${stateDType}' without amsgrad`,
    received: 'both',
    fix: 'Leave one of them out.',
  })
}

/**
 * Adam: steps by the mean of the gradients over the root of the mean of their squares
 * (Kingma and Ba 2014, https://arxiv.org/abs/1412.6980).
 *
 * @example
 * model.compile({ optimizer: optimizers.adam({ learningRate: 3e-4, clipnorm: 1 }), loss: 'mse' })
 */
export const adam = (options: AdamOptions = {}): Adam => new Adam(options)
