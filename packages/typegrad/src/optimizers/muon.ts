import { anything, boolean, number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import { matmul } from '../ops/linear-algebra.ts'
import { norm } from '../ops/reduce.ts'
import { transpose } from '../ops/shape.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Slots, type Step, type UpdateRule } from './rule.ts'

export interface MuonOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the momentum of a matrix each step keeps. Default 0.95. */
  readonly momentum?: number | undefined
  /** Whether the momentum looks ahead, as Nesterov's. Default true. */
  readonly nesterov?: boolean | undefined
  /** Number of Newton–Schulz iterations. Default 5. */
  readonly nsSteps?: number | undefined
  /** Coefficient of x in the iteration's polynomial. Default 3.4445. */
  readonly muonA?: number | undefined
  /** Coefficient of x³. Default −4.775. */
  readonly muonB?: number | undefined
  /** Coefficient of x⁵. Default 2.0315. */
  readonly muonC?: number | undefined
  /** The root mean square that a step of a matrix is scaled to, or 0 for none. Default 0.2. */
  readonly rmsRate?: number | undefined
  /** Regular expressions: weights whose names match one are Adam's. Default none. */
  readonly excludeLayers?: readonly string[] | undefined
  /** Whether weights with `embedding` in their names are Adam's. Default true. */
  readonly excludeEmbeddings?: boolean | undefined
  /** The learning rate of Adam's weights, as a share. Default 1. */
  readonly adamLrRatio?: number | undefined
  /** Adam's beta1, for the weights that Muon leaves to it. Default 0.9. */
  readonly adamBeta1?: number | undefined
  /** Adam's beta2, for the weights that Muon leaves to it. Default 0.999. */
  readonly adamBeta2?: number | undefined
  /** Of Adam. Default 1e-7. */
  readonly epsilon?: number | undefined
  /** The decay of Adam's weights. Default 0.004. */
  readonly adamWeightDecay?: number | undefined
  /** The decay of the matrices. Default 0.004. */
  readonly weightDecay?: number | undefined
}

export const muonChecks = optionsOf<MuonOptions>()({
  ...optimizerChecks,
  momentum: number,
  nesterov: boolean,
  nsSteps: number,
  muonA: number,
  muonB: number,
  muonC: number,
  rmsRate: number,
  excludeLayers: anything,
  excludeEmbeddings: boolean,
  adamLrRatio: number,
  adamBeta1: share,
  adamBeta2: share,
  epsilon: number,
  adamWeightDecay: number,
})

const defaults = {
  momentum: 0.95,
  nesterov: true,
  nsSteps: 5,
  muonA: 3.4445,
  muonB: -4.775,
  muonC: 2.0315,
  rmsRate: 0.2,
  excludeLayers: [] as readonly string[],
  excludeEmbeddings: true,
  adamLrRatio: 1,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  epsilon: 1e-7,
  adamWeightDecay: 0.004,
}

/** See {@link muon}. */
@takes(muonChecks)
export class Muon extends Optimizer {
  readonly className = 'Muon'
  readonly #options: typeof defaults

  constructor({ weightDecay = 0.004, ...options }: MuonOptions = {}) {
    super({ ...options, weightDecay }, 'muon', 0.001)
    const given = Object.entries(options).filter(([key, value]) => key in defaults && value !== undefined)
    this.#options = { ...defaults, ...Object.fromEntries(given) }
  }

  /** Whether Adam moves the weight: it is no matrix, or is excluded. */
  #isAdams = ({ shape, name }: Variable): boolean => {
    const { excludeEmbeddings, excludeLayers } = this.#options
    return (
      shape.length !== 2 ||
      (excludeEmbeddings && name.toLowerCase().includes('embedding')) ||
      excludeLayers.some((pattern) => new RegExp(pattern).test(name))
    )
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum' }, { name: 'velocity', appliesTo: this.#isAdams }]]
  }

  protected override decayOf(weight: Variable): number | undefined {
    return this.#isAdams(weight) ? this.#options.adamWeightDecay : this.weightDecay
  }

  protected override rule(step: Step): UpdateRule {
    const adam = this.#adam(step)
    const { momentum, nesterov, rmsRate } = this.#options
    return (gradient, weight, slots) => {
      if (slots.velocity !== undefined) {
        adam(gradient, weight, slots)
        return
      }
      const slot = slots.momentum as Variable
      const moment = assign(slot, add(mul(slot.value, momentum), gradient))
      const direction = nesterov ? add(gradient, mul(moment, momentum)) : moment
      const size = rmsRate === 0 ? 1 : rmsRate * Math.sqrt(Math.max(...weight.shape))
      const move = mul(this.#orthogonalized(direction), mul(step.learningRate, size))
      assign(weight, sub(weight.value, move))
    }
  }

  /**
   * Newton–Schulz: X ← a·X + (b·A + c·A²)·X with A = X·Xᵀ moves all singular values towards 1. The shorter side
   * stands first, so that A is small.
   */
  #orthogonalized(direction: Tensor): Tensor {
    const { muonA: a, muonB: b, muonC: c, nsSteps } = this.#options
    const [rows = 0, columns = 0] = direction.shape
    const isTall = rows > columns
    let x = isTall ? transpose(direction) : direction
    x = div(x, add(norm(x), 1e-7))
    for (let i = 0; i < nsSteps; i++) {
      const gram = matmul(x, transpose(x))
      const polynomial = add(mul(gram, b), mul(matmul(gram, gram), c))
      x = add(mul(x, a), matmul(polynomial, x))
    }
    return isTall ? transpose(x) : x
  }

  #adam({ learningRate, number }: Step): UpdateRule {
    const { adamBeta1, adamBeta2, adamLrRatio, epsilon } = this.#options
    const gathered = (beta: number): Tensor => sub(1, pow(scalar(beta), number))
    const rate = mul(learningRate, mul(div(sqrt(gathered(adamBeta2)), gathered(adamBeta1)), adamLrRatio))
    return (gradient, weight, slots: Slots) => {
      const [m, v] = [slots.momentum as Variable, slots.velocity as Variable]
      const momentum = assign(m, moved(m.value, gradient, 1 - adamBeta1))
      const velocity = assign(v, moved(v.value, square(gradient), 1 - adamBeta2))
      assign(weight, sub(weight.value, div(mul(momentum, rate), add(sqrt(velocity), epsilon))))
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#options }
  }
}

/**
 * Momentum whose steps are made orthogonal, for matrices; Adam for all other weights and for embeddings
 * (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).
 *
 * @example
 * model.compile({ optimizer: optimizers.muon({ learningRate: 0.02, excludeLayers: ['head'] }), loss: 'mse' })
 */
export const muon = (options: MuonOptions = {}): Muon => new Muon(options)
