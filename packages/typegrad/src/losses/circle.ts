import { ShapeError } from '../base/errors.ts'
import { boolean, number, optionsOf } from '../base/options.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { softplus } from '../ops/activations.ts'
import { cast, toFloating } from '../ops/apply.ts'
import { add, maximum, mul, sub } from '../ops/arithmetic.ts'
import { equal, greater, logicalAnd, where } from '../ops/comparison.ts'
import { logicalNot } from '../ops/elementwise.ts'
import { matmul } from '../ops/linear-algebra.ts'
import { logSumExp } from '../ops/reduce.ts'
import { reshape, transpose } from '../ops/shape.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkElementwise, checkLabels, type HostLabels, type OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface CircleOptions extends LossOptions {
  /** How sharply distances are told apart. Default 80. */
  readonly gamma?: number | undefined
  /** How far beyond their goal distances count. Default 0.4. */
  readonly margin?: number | undefined
  /** Whether a sample is no pair with itself. Default true. */
  readonly removeDiagonal?: boolean | undefined
}

export const circleChecks = optionsOf<CircleOptions>()({
  gamma: number,
  margin: number,
  removeDiagonal: boolean,
  ...lossChecks,
})

/** See {@link circle}. */
@takes(circleChecks)
export class Circle extends Loss {
  readonly className = 'Circle'
  readonly gamma: number
  readonly margin: number
  readonly removeDiagonal: boolean

  constructor({ gamma = 80, margin = 0.4, removeDiagonal = true, ...options }: CircleOptions = {}) {
    super(options, 'circle')
    this.gamma = gamma
    this.margin = margin
    this.removeDiagonal = removeDiagonal
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const embeddings = toFloating(yPred) // (B, D)
    const batch = embeddings.shape[0] as number
    if (embeddings.rank !== 2 || sizeOf(yTrue.shape) !== batch) {
      throw new ShapeError({
        where: this.className,
        expected: 'embeddings (batch, dimensions) and a class number for each of them',
        received: `embeddings of shape ${formatShape(yPred.shape)} and labels of shape ${formatShape(yTrue.shape)}`,
      })
    }
    const { gamma, margin } = this
    const products = matmul(embeddings, transpose(embeddings))
    const distances = maximum(sub(1, products), 0) // (B, B)
    const classes = cast(yTrue, 'int32')
    const same = equal(reshape(classes, [batch, 1]), reshape(classes, [1, batch]))
    const near = mul(mul(maximum(add(distances, margin), 0), sub(distances, margin)), gamma)
    const far = mul(mul(maximum(sub(1 + margin, distances), 0), sub(1 - margin, distances)), gamma)
    const other = logicalNot(eye(batch, batch, { dtype: 'bool' }))
    const positive = this.removeDiagonal ? logicalAnd(same, other) : same
    return softplus(add(over(positive, near), over(logicalNot(same), far)))
  }

  /** A sample without a pair costs nothing, and is none of those that a mean is over. */
  protected override maskOf(_yTrue: Tensor, values: Tensor): Tensor {
    return greater(values, 0)
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    // A class number for each embedding, however wide that is.
    checkElementwise(this.className, labels, outputShape.slice(0, 1))
    checkLabels(this.className, labels, Number.isInteger, {
      expected: 'whole class numbers',
      fix: 'Number the classes.',
      firstSample,
    })
  }

  override getConfig(): Record<string, unknown> {
    const { gamma, margin, removeDiagonal } = this
    return { ...super.getConfig(), gamma, margin, removeDiagonal }
  }
}

/** So small that its exponential is 0, and finite: rows without a pair then have no NaN in their gradient. */
const none = -1e30

const over = (pairs: Tensor, values: Tensor): Tensor => logSumExp(where(pairs, values, none), -1)

/**
 * Pulls embeddings (of norm 1) of one class together and pushes others apart, each pair by how far it is from
 * its goal (Sun et al. 2020, https://arxiv.org/abs/2002.10857). The mean is over the samples whose loss is above 0:
 * one that has no other of its class in the batch does not count.
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: losses.circle({ margin: 0.25 }) })
 */
export const circle = lossFactory(Circle)
