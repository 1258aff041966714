import { DataError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { logSoftmax } from '../ops/activations.ts'
import { cast, toFloating } from '../ops/apply.ts'
import { add, maximum, mul, sub } from '../ops/arithmetic.ts'
import { equal, notEqual } from '../ops/comparison.ts'
import { abs, exp, log1p, neg } from '../ops/elementwise.ts'
import { oneHot, takeAlongAxis } from '../ops/indexing.ts'
import { sum } from '../ops/reduce.ts'
import { scan } from '../ops/scan.ts'
import { broadcastTo, concat, pad, reshape, slice, transpose } from '../ops/shape.ts'
import { full, zeros } from '../tensor/create.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { checkLabels, formatOutputShape, type HostLabels, type OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** The logarithm that stands for the probability 0, as in Keras: finite, so that no difference is NaN. */
const impossible = -1e5

/** See {@link ctc}. */
@takes(lossChecks)
export class CTC extends Loss {
  readonly className = 'CTC'

  constructor(options: LossOptions = {}) {
    super(options, 'ctc')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    if (yTrue.rank !== 2 || yPred.rank !== 3 || yTrue.shape[0] !== yPred.shape[0]) {
      throw new ShapeError({
        where: this.className,
        expected: 'labels (batch, length) and logits (batch, steps, classes)',
        received: `labels of shape ${formatShape(yTrue.shape)} and logits of shape ${formatShape(yPred.shape)}`,
      })
    }
    const [batch, length] = yTrue.shape as [number, number]
    const labels = cast(yTrue, 'int32') // (B, N)
    const logarithms = transpose(logSoftmax(toFloating(yPred)), [1, 0, 2]) // (T, B, K)
    const steps = logarithms.shape[0] as number
    const blank = slice(logarithms, [0, 0, 0], [steps, batch, 1])
    const chosen = broadcastTo(reshape(labels, [1, batch, length]), [steps, batch, length])
    const emitted = takeAlongAxis(logarithms, chosen, -1) // (T, B, N)

    // 1 where the next label is the same: between the two there must be a blank.
    const first = slice(labels, [0, 0], [batch, length - 1])
    const second = slice(labels, [0, 1], [batch, length - 1])
    const repeated = pad(cast(equal(first, second), logarithms.dtype), [
      [0, 0],
      [0, 1],
    ])
    const [atOnce, viaBlank] = [mul(repeated, impossible), mul(sub(1, repeated), impossible)]

    // α of having emitted n labels and standing at a blank (N + 1 of them), or at the n-th label itself.
    const dtype = logarithms.dtype
    const start = [zeros([batch, 1], { dtype }), full([batch, length], impossible, { dtype })] as const
    const { carries } = scan({
      initial: [concat([...start], 1), start[1]],
      sequences: [emitted, blank],
      step: ([phi, emit], [label, rest]) => {
        const [a, e] = [phi, emit]
        const reached = withAdded(a, add(e, atOnce))
        const before = slice(reached, [0, 0], [batch, length])
        const next = add(logAddExp(before, e), label)
        const stayed = add(reached, rest)
        const blanked = withAdded(stayed, add(add(e, rest), viaBlank))
        return { carries: [blanked, next] }
      },
    })
    const [phi, emit] = carries as [Tensor, Tensor]
    const lengths = sum(cast(notEqual(labels, scalar(0, 'int32')), 'int32'), -1)
    return neg(sum(mul(withAdded(phi, emit), oneHot(lengths, length + 1, { dtype })), -1))
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    if (labels.shape.length !== 2 || outputShape.length !== 3) {
      throw new DataError({
        where: this.className,
        expected: 'labels (batch, length) for an output (batch, steps, classes)',
        received: `labels of shape ${formatShape(labels.shape)} for ${formatOutputShape(outputShape)}`,
      })
    }
    const classes = outputShape[2] as number
    checkLabels(this.className, labels, (v) => Number.isInteger(v) && v >= 0 && v < classes, {
      expected: `whole class numbers from 1 to ${classes - 1}, and 0 behind the end of a label`,
      fix: 'Number the classes from 1: 0 is the blank.',
      firstSample,
    })
  }
}

/** log(eᵃ + eᵇ). */
function logAddExp(a: Tensor, b: Tensor): Tensor {
  const rest = log1p(exp(neg(abs(sub(a, b)))))
  return add(maximum(a, b), rest)
}

/** α with log-probabilities added from its second place on. */
function withAdded(phi: Tensor, added: Tensor): Tensor {
  const [batch, length] = added.shape as [number, number]
  const [head, tail] = [slice(phi, [0, 0], [batch, 1]), slice(phi, [0, 1], [batch, length])]
  return concat([head, logAddExp(tail, added)], 1)
}

/**
 * −log of the probability that logits (batch, steps, classes) spell a label (batch, length), over all ways to
 * place its classes in the steps with blanks (class 0) in between: connectionist temporal classification
 * (Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf). Labels are filled up with 0.
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: losses.ctc() })
 */
export const ctc = lossFactory(CTC)
