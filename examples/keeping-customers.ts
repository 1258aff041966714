/**
 * Which customers are worth an offer. Each offer costs something, also where the customer would have stayed; some of those who wanted to
 * leave stay because of it, and what such a customer is worth is kept.
 */
export interface Offer {
  /** What one costs, in the unit of `worth`. */
  readonly cost: number
  /** The share of those about to leave whom it keeps. */
  readonly kept: number
}

export interface Customer {
  /** The probability that they leave, by a model. */
  readonly chance: number
  /** Whether they left. */
  readonly left: boolean
  /** What is lost with them. */
  readonly worth: number
}

/** What a rule gains for a hundred customers, against making no offers, and how many of the hundred get one. */
export interface Gain {
  readonly gained: number
  readonly offers: number
}

/** An offer is made where p · kept · worth is more than its cost: what it is expected to keep. */
export const isWorthAnOffer = ({ chance, worth }: Customer, { cost, kept }: Offer): boolean =>
  chance * kept * worth > cost

/** What offers to some customers gain. Those who left would have stayed in the share `kept`. */
export function gainOf(
  customers: readonly Customer[],
  { cost, kept }: Offer,
  isOffered: (customer: Customer) => boolean,
): Gain {
  const offered = customers.filter(isOffered)
  const gained = offered.reduce((sum, { left, worth }) => sum + (left ? kept * worth : 0) - cost, 0)
  return {
    gained: (100 * gained) / customers.length,
    offers: (100 * offered.length) / customers.length,
  }
}
