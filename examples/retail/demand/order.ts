/** An order for a day, and what it costs once the day is over. */

/** What a pizza too few costs (its margin), and one too many (its dough). */
export const costs = { short: 4, left: 1 }

/** The level of demand up to which an order costs least on the mean: the newsvendor's (Arrow, Harris and Marschak 1951). */
export const bestLevel = costs.short / (costs.short + costs.left)

/** What an order costs on a day. */
export const costOf = (ordered: number, sold: number): number =>
  ordered < sold ? costs.short * (sold - ordered) : costs.left * (ordered - sold)

/**
 * The rule of thumb: what the same weekday had one week before, and a margin on it.
 *
 * @param sold by day, up to yesterday.
 */
export const lastWeek = (sold: readonly number[], margin: number): number =>
  Math.round((sold.at(-7) ?? 0) * (1 + margin))
