import { ArgumentError } from '../base/errors.ts'
import { divideNoNaN } from '../losses/reduction.ts'
import { add, div, maximum, minimum, mul, sub } from '../ops/arithmetic.ts'
import { equal, greater, logicalAnd, where } from '../ops/comparison.ts'
import { log } from '../ops/elementwise.ts'
import { slice } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { ConfusionCounts } from './confusion.ts'

export const curves = ['ROC', 'PR', 'PRGAIN'] as const
export const summationMethods = ['interpolation', 'majoring', 'minoring'] as const
export type Curve = (typeof curves)[number]
export type SummationMethod = (typeof summationMethods)[number]

/** The areas under a curve between one threshold and the next, of counts at ascending thresholds. */
export function areasUnder(curve: Curve, method: SummationMethod, counts: ConfusionCounts): Tensor {
  if (curve === 'PR' && method === 'interpolation') return interpolatedPrecision(counts)
  const [x, y] = curvePoints[curve](counts)
  return mul(sub(head(x), tail(x)), between[method](head(y), tail(y)))
}

/** All thresholds but the last, and all but the first. */
const head = (x: Tensor): Tensor =>
  slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((d, i) => (i === 0 ? d - 1 : d)),
  )
const tail = (x: Tensor): Tensor =>
  slice(
    x,
    x.shape.map((_, i) => (i === 0 ? 1 : 0)),
    x.shape.map((d, i) => (i === 0 ? d - 1 : d)),
  )

const share = (a: Tensor, b: Tensor): Tensor => divideNoNaN(a, add(a, b))

/** The points of a curve, x and y, at every threshold. */
const curvePoints: Readonly<Record<Curve, (counts: ConfusionCounts) => readonly [Tensor, Tensor]>> = {
  ROC: ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) => [
    share(fp, tn),
    share(tp, fn),
  ],
  PR: ({ truePositives: tp, falsePositives: fp, falseNegatives: fn }) => [share(tp, fn), share(tp, fp)],
  PRGAIN: ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) => {
    const odds = divideNoNaN(add(tp, fn), add(tn, fp))
    const none = equal(tp, 0)
    const gain = (wrong: Tensor): Tensor => sub(1, mul(odds, divideNoNaN(wrong, tp)))
    return [maximum(where(none, 0, gain(fn)), 0), where(none, 1, gain(fp))]
  },
}

/** The height of a piece from those at its ends. */
const between: Readonly<Record<SummationMethod, (a: Tensor, b: Tensor) => Tensor>> = {
  interpolation: (a, b) => div(add(a, b), 2),
  majoring: (a, b) => maximum(a, b),
  minoring: (a, b) => minimum(a, b),
}

/**
 * Areas under the precision–recall curve between thresholds, where true positives rather than precision are
 * interpolated (Davis and Goadrich 2006, https://doi.org/10.1145/1143844.1143874).
 */
function interpolatedPrecision({
  truePositives: tp,
  falsePositives,
  falseNegatives,
}: ConfusionCounts): Tensor {
  const positives = add(tp, falsePositives)
  const [before, after] = [head(positives), tail(positives)]
  const gained = sub(head(tp), tail(tp))
  const slope = divideNoNaN(gained, maximum(sub(before, after), 0))
  const intercept = sub(tail(tp), mul(slope, after))
  const both = logicalAnd(greater(before, 0), greater(after, 0))
  const ratio = where(both, divideNoNaN(before, maximum(after, 0)), 1)
  const labels = maximum(add(tail(tp), tail(falseNegatives)), 0)
  return divideNoNaN(mul(slope, add(gained, mul(intercept, log(ratio)))), labels)
}

/** @throws ArgumentError for a value that is none of the known ones. */
export function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((item) => item === value)
  if (found !== undefined) return found
  throw new ArgumentError({
    where: `AUC: ${option}`,
    expected: `one of ${known.join(', ')}`,
    received: JSON.stringify(value),
  })
}
