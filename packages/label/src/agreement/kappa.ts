import { ArgumentError } from 'typegrad/core'

/** How far apart two categories are, by their places: all that differ alike, by |i − j|, or by (i − j)². */
export type KappaWeights = 'none' | 'linear' | 'quadratic'

const weigh: Readonly<Record<KappaWeights, (i: number, j: number) => number>> = {
  none: (i, j) => (i === j ? 0 : 1),
  linear: (i, j) => Math.abs(i - j),
  quadratic: (i, j) => (i - j) ** 2,
}

/**
 * Cohen's κ of two people who have labelled the same samples: how much of what chance would leave apart they agree on.
 *
 * ```
 * κ = 1 − Σ wᵢⱼ Oᵢⱼ / Σ wᵢⱼ Eᵢⱼ      O how often i met j, E how often it would by their own shares
 * ```
 *
 * 1 is agreement, 0 chance, below 0 less than chance; NaN where both have said one and the same throughout, since chance would
 * agree then too. (Cohen, A Coefficient of Agreement for Nominal Scales, 1960; with weights 1968.)
 *
 * @param options.weights for categories in an order. Default `'none'`.
 * @param options.categories the categories in their order. Default: those that occur, in the order of their names.
 * @throws ArgumentError for lists of different lengths, or of none.
 * @example
 * cohenKappa(['a', 'a', 'b', 'b'], ['a', 'b', 'b', 'b']) // 0.5
 */
export function cohenKappa(
  a: readonly string[],
  b: readonly string[],
  options: { readonly weights?: KappaWeights; readonly categories?: readonly string[] } = {},
): number {
  if (a.length !== b.length || a.length === 0) {
    throw new ArgumentError({
      where: 'cohenKappa',
      expected: 'two lists of labels of the same samples',
      received: `${a.length} and ${b.length} labels`,
    })
  }
  const categories = options.categories ?? [...new Set([...a, ...b])].sort()
  const places = new Map(categories.map((name, i) => [name, i]))
  const placeOf = (name: string): number => {
    const place = places.get(name)
    if (place !== undefined) return place
    throw new ArgumentError({
      where: 'cohenKappa',
      expected: `one of ${categories.join(', ')}`,
      received: name,
    })
  }
  const weight = weigh[options.weights ?? 'none']
  const [rows, columns] = [new Float64Array(categories.length), new Float64Array(categories.length)]
  let observed = 0
  a.forEach((name, n) => {
    const [i, j] = [placeOf(name), placeOf(b[n] as string)]
    rows[i] = (rows[i] as number) + 1
    columns[j] = (columns[j] as number) + 1
    observed += weight(i, j)
  })
  let expected = 0
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      expected += (weight(i, j) * row * column) / a.length
    })
  })
  return 1 - observed / expected
}

/**
 * Fleiss' κ of any number of people, the same number for each sample, not necessarily the same people.
 *
 * ```
 * κ = (P̄ − P̄ₑ) / (1 − P̄ₑ)     P̄ the mean share of agreeing pairs, P̄ₑ = Σ pⱼ² of the categories' shares
 * ```
 *
 * (Fleiss, Measuring Nominal Scale Agreement among Many Raters, 1971.)
 *
 * @param samples the labels that each sample has, two or more.
 * @throws ArgumentError where samples have different numbers of labels; {@link krippendorffAlpha} takes those.
 * @example
 * fleissKappa([['a', 'a', 'b'], ['b', 'b', 'b']]) // 0.25
 */
export function fleissKappa(samples: readonly (readonly string[])[]): number {
  const people = samples[0]?.length ?? 0
  const other = samples.find((labels) => labels.length !== people)
  if (people < 2 || other !== undefined) {
    throw new ArgumentError({
      where: 'fleissKappa',
      expected: 'samples with the same number of labels, two or more',
      received: other === undefined ? `${people}` : `samples with ${people} and with ${other.length}`,
      fix: 'krippendorffAlpha takes samples that some people have not labelled.',
    })
  }
  const totals = new Map<string, number>()
  let agreeing = 0
  for (const labels of samples) {
    const counts = new Map<string, number>()
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
    for (const [label, count] of counts) {
      totals.set(label, (totals.get(label) ?? 0) + count)
      agreeing += count * (count - 1)
    }
  }
  const observed = agreeing / (samples.length * people * (people - 1))
  const chance = [...totals.values()].reduce((sum, n) => sum + (n / (samples.length * people)) ** 2, 0)
  return (observed - chance) / (1 - chance)
}
