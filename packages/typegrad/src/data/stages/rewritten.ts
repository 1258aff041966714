import { readerOf } from './sources.ts'
import { behind, InnerStage, type Reader, type Stage } from './stage.ts'

/** What a function makes of the elements as they come; it is called anew for each reading. */
export const rewritten = <T, U>(
  input: Stage<T>,
  fn: (elements: AsyncIterable<T>) => AsyncIterable<U> | Iterable<U>,
): Stage<U> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(0)
    const made = readerOf(fn(elementsOf(items)))
    return behind(skipped, {
      read: (count) => made.read(count),
      async close() {
        // A function that was not asked for anything has not begun, and closes nothing.
        await made.close()
        await items.close()
      },
    })
  })

/** What a reader gives, one by one. */
async function* elementsOf<T>(items: Reader<T>): AsyncGenerator<T, void> {
  try {
    for (;;) {
      const [element, ...rest] = await items.read(1)
      if (element === undefined && rest.length === 0) return
      yield element as T
    }
  } finally {
    await items.close()
  }
}
