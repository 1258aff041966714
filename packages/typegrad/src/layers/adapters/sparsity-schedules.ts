import { ArgumentError } from '../../base/errors.ts'
import { checked, needed, optionsOf, positive, share, wholeFrom } from '../../base/options.ts'

/** The share of zeros after so many training steps; undefined where it is to stay what it is. */
export type SparsitySchedule = (step: number) => number | undefined

export interface ConstantSparsityOptions {
  /** The share of zeros. */
  readonly sparsity: number
  /** The step before which nothing goes. Default 0. */
  readonly begin?: number
  /** The step from which on what is zero stays so, and nothing else goes. Default: none. */
  readonly end?: number
}

export interface PolynomialSparsityOptions {
  /** The share of zeros in the end. */
  readonly final: number
  /** The share of zeros at `begin`. Default 0. */
  readonly initial?: number
  /** The step before which nothing goes. Default 0. */
  readonly begin?: number
  /** The step at which the share is `final`. */
  readonly end: number
  /** Of the polynomial: the larger, the more goes at first. Default 3. */
  readonly power?: number
}

const whole = wholeFrom(0)
const constantChecks = optionsOf<ConstantSparsityOptions>()({
  sparsity: needed(share),
  begin: whole,
  end: whole,
})
const polynomialChecks = optionsOf<PolynomialSparsityOptions>()({
  final: needed(share),
  initial: share,
  begin: whole,
  end: needed(whole),
  power: positive,
})

/**
 * The same sparsity from one step to another: what is smallest is chosen anew each time, so that elements may come back.
 *
 * @throws ArgumentError for options that are none, and an end that is not behind the beginning.
 * @example
 * callbacks.pruning({ schedule: constantSparsity({ sparsity: 0.5, begin: 200 }) })
 */
export function constantSparsity(options: ConstantSparsityOptions): SparsitySchedule {
  const { sparsity, begin = 0, end } = checked('constantSparsity', options, constantChecks)
  checkEnds('constantSparsity', begin, end ?? Number.POSITIVE_INFINITY, sparsity)
  return (step) => (step < begin || (end !== undefined && step > end) ? undefined : sparsity)
}

/**
 * A sparsity that grows fast at first, while there is much that the network can do without, and slowly at last:
 * final + (initial − final) · (1 − (step − begin) / (end − begin))³, and `final` from the end on.
 *
 * Zhu and Gupta 2017, https://arxiv.org/abs/1710.01878
 *
 * @throws ArgumentError for options that are none, and an end that is not behind the beginning.
 * @example
 * callbacks.pruning({ schedule: polynomialSparsity({ final: 0.8, end: 1000 }) })
 */
export function polynomialSparsity(options: PolynomialSparsityOptions): SparsitySchedule {
  const {
    final,
    initial = 0,
    begin = 0,
    end,
    power = 3,
  } = checked('polynomialSparsity', options, polynomialChecks)
  checkEnds('polynomialSparsity', begin, end, Math.max(final, initial))
  return (step) => {
    if (step < begin) return undefined
    const t = Math.min((step - begin) / (end - begin), 1)
    return final + (initial - final) * (1 - t) ** power
  }
}

function checkEnds(where: string, begin: number, end: number, sparsity: number): void {
  if (end > begin && sparsity < 1) return
  throw new ArgumentError({
    where,
    expected: 'an end behind the beginning, and a share below 1: something has to stay',
    received: `${begin} to ${end}, and ${sparsity}`,
  })
}
