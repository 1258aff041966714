import { InnerStage, type Stage } from './stage.ts'

/** So many elements at a time, put together. */
export const batched = <T, U>(
  input: Stage<T>,
  size: number,
  dropRemainder: boolean,
  stack: (elements: readonly T[]) => U | Promise<U>,
): Stage<U> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(skipped * size)
    return {
      async read(count) {
        const batches: U[] = []
        for (let length = size; batches.length < count && length === size; ) {
          const elements = await items.read(size)
          length = elements.length
          if (length > 0 && (length === size || !dropRemainder)) batches.push(await stack(elements))
        }
        return batches
      },
      close: () => items.close(),
    }
  })
