import { hostRandom } from 'typegrad/core'

/** A rating of a film by a user, as a table has it. */
export interface TasteRow {
  readonly user: string
  readonly film: string
  readonly stars: number
  readonly when: number
}

/**
 * Ratings of users with two kinds of taste: those of even numbers like the first half of the films, the others the second; all of them
 * like films of low numbers a little more. Every user has rated some of the films, in an order that is drawn.
 */
export function tastes(users = 60, films = 30, each = 12, seed = 3): TasteRow[] {
  const below = hostRandom(seed)
  return Array.from({ length: users }, (_, user) => {
    const order = Array.from({ length: films }, (__, film) => film)
    for (let i = films - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[order[i], order[j]] = [order[j] as number, order[i] as number]
    }
    return order.slice(0, each).map((film, at): TasteRow => {
      const isLiked = film < films / 2 === (user % 2 === 0)
      const stars = 3 + (isLiked ? 1.2 : -1.2) - (0.6 * (film % (films / 2))) / films + 0.4 * (below(3) - 1)
      return { user: `u${user}`, film: `f${film}`, stars, when: 1000 * at + user }
    })
  }).flat()
}
