/**
 * A model of characters by counts: how often each followed the last few, smoothed by how often it followed fewer of them.
 * The share of what was never seen behind a context grows with the number of different characters that were (Witten and Bell
 * 1991; as Chen and Goodman 1998 have it):
 *
 * p(c | context) = (count(context c) + kinds(context) · p(c | shorter context)) / (count(context) + kinds(context))
 */
export class NGrams {
  readonly #order: number
  readonly #characters: number
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #totals = new Map<string, number>()

  /** @param order characters that are looked at, the one that is predicted among them. */
  constructor(text: string, order: number, characters: number) {
    this.#order = order
    this.#characters = characters
    for (let i = 0; i < text.length; i++) {
      for (let length = 0; length < order && length <= i; length++) {
        const context = text.slice(i - length, i)
        let counts = this.#counts.get(context)
        if (counts === undefined) {
          counts = new Map()
          this.#counts.set(context, counts)
        }
        const character = text[i] as string
        counts.set(character, (counts.get(character) ?? 0) + 1)
        this.#totals.set(context, (this.#totals.get(context) ?? 0) + 1)
      }
    }
  }

  #probability(context: string, character: string): number {
    const shorter = context === '' ? 1 / this.#characters : this.#probability(context.slice(1), character)
    const counts = this.#counts.get(context)
    if (counts === undefined) return shorter
    return (
      ((counts.get(character) ?? 0) + counts.size * shorter) /
      ((this.#totals.get(context) ?? 0) + counts.size)
    )
  }

  /** Mean of −log p over a text's characters: nats a character, as a network's loss. */
  loss(text: string): number {
    let sum = 0
    for (let i = 0; i < text.length; i++) {
      const context = text.slice(Math.max(0, i - this.#order + 1), i)
      sum -= Math.log(this.#probability(context, text[i] as string))
    }
    return sum / text.length
  }
}
