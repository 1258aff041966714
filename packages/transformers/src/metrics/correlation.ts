import { ArgumentError } from 'typegrad/core'

function checkNumbers(where: string, a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length === b.length && a.length >= 2) return
  throw new ArgumentError({
    where,
    expected: 'two lists of as many numbers, two or more',
    received: `${a.length} and ${b.length}`,
  })
}

/**
 * Pearson's correlation of two lists of numbers, from −1 to 1; NaN where one of them is the same number throughout.
 *
 * @throws ArgumentError for lists of different lengths, or fewer than two numbers.
 * @example
 * textMetrics.pearson([1, 2, 3], [2, 4, 6]) // 1
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkNumbers('pearson', a, b)
  const [first, second] = [centred(a), centred(b)]
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] as number), 0)
  return product(first, second) / Math.sqrt(product(first, first) * product(second, second))
}

/**
 * Spearman's correlation: Pearson's of the ranks, of which equal numbers share the mean. NaN where one list is the same
 * number throughout.
 *
 * @throws ArgumentError for lists of different lengths, or fewer than two numbers.
 * @example
 * textMetrics.spearman([1, 2, 30], [0.1, 0.2, 0.3]) // 1
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkNumbers('spearman', a, b)
  return pearson(ranksOf(a), ranksOf(b))
}

function centred(values: ArrayLike<number>): readonly number[] {
  const list = Array.from(values)
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length
  return list.map((value) => value - mean)
}

function ranksOf(values: ArrayLike<number>): readonly number[] {
  const order = Array.from(values, (value, i) => ({ value, i })).sort((a, b) => a.value - b.value)
  const ranks = new Array<number>(order.length)
  for (let first = 0; first < order.length; ) {
    let last = first
    while (order[last + 1]?.value === order[first]?.value) last++
    for (const { i } of order.slice(first, last + 1)) ranks[i] = (first + last) / 2
    first = last + 1
  }
  return ranks
}
