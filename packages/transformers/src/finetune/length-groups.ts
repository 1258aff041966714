/** How many batches' examples are sorted together: more leave less padding, and less of the order that was drawn. */
const batchesTogether = 50

/**
 * Batches of examples of similar lengths, so that little is filled up: the examples of each 50 batches, as they come, are
 * sorted by length and cut; the batches follow each other in an order as random as that of the examples.
 *
 * As the batching of fairseq and tensor2tensor, and transformers' `group_by_length`, whose longest batch goes first.
 *
 * @param examples in the order of an epoch.
 * @returns ⌈n / batchSize⌉ batches.
 */
export function lengthGroups<Example>(
  examples: readonly Example[],
  batchSize: number,
  lengthOf: (example: Example) => number,
): readonly (readonly Example[])[] {
  const together = batchesTogether * batchSize
  const starts = Array.from({ length: Math.ceil(examples.length / together) }, (_, i) => i * together)
  return starts.flatMap((start) => {
    const placed = examples
      .slice(start, start + together)
      .map((example, place) => ({ example, place, length: lengthOf(example) }))
      .sort((a, b) => a.length - b.length)
    const batches = Array.from({ length: Math.ceil(placed.length / batchSize) }, (_, i) =>
      placed.slice(i * batchSize, (i + 1) * batchSize),
    )
    // What stands first in a batch stood anywhere: its place is a draw for the batch. A batch that is not full stays last, as
    // it is without groups.
    const full = batches.filter((batch) => batch.length === batchSize)
    const rest = batches.filter((batch) => batch.length < batchSize)
    const byPlace = full.sort((a, b) => (a[0]?.place ?? 0) - (b[0]?.place ?? 0))
    return [...byPlace, ...rest].map((batch) => batch.map(({ example }) => example))
  })
}
