/**
 * Batches in which no text occurs twice, in the order of the examples: one that would is left for the next batch, as
 * sentence-transformers' `NoDuplicatesBatchSampler` does it. As many as there would be otherwise: what is left at the end of an
 * epoch, if one text is everywhere, waits for the next one.
 */
export function withoutDuplicates<E extends { readonly texts: readonly string[] }>(
  examples: readonly E[],
  batchSize: number,
): readonly (readonly E[])[] {
  const batches: E[][] = []
  let waiting = examples
  const most = Math.ceil(examples.length / batchSize)
  while (waiting.length > 0 && batches.length < most) {
    const batch: E[] = []
    const seen = new Set<string>()
    const later: E[] = []
    for (const example of waiting) {
      const fits = batch.length < batchSize && !example.texts.some((text) => seen.has(text))
      if (!fits) later.push(example)
      else {
        batch.push(example)
        for (const text of example.texts) seen.add(text)
      }
    }
    batches.push(batch)
    waiting = later
  }
  return batches
}
