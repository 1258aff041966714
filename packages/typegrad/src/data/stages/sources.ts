import { Pacer } from '../../base/turn.ts'
import { behind, InnerStage, type Reader, type Stage } from './stage.ts'

/**
 * What a function's iterable gives; the function is called anew for each reading.
 *
 * @param from what it gives behind so many elements, for sources that can begin there. Default they are read and left out.
 */
export const generated = <T>(
  make: () => AsyncIterable<T> | Iterable<T>,
  from?: (element: number) => AsyncIterable<T> | Iterable<T>,
): Stage<T> =>
  new InnerStage([], (skipped) =>
    from === undefined || skipped === 0 ? behind(skipped, readerOf(make())) : readerOf(from(skipped)),
  )

/** Tuples of what several stages give, until the shortest ends. */
export const zipped = (inputs: readonly Stage<unknown>[]): Stage<unknown[]> =>
  new InnerStage(inputs, (skipped) => {
    const readers = inputs.map((input) => input.open(skipped))
    const close = async (): Promise<void> => {
      await Promise.all(readers.map((reader) => reader.close()))
    }
    let ended = false
    return {
      async read(count) {
        const tuples: unknown[][] = []
        // One by one: from the longer ones nothing is taken that has no partner.
        while (tuples.length < count && !ended) {
          const next = await Promise.all(readers.map((reader) => reader.read(1)))
          ended = next.some(({ length }) => length === 0)
          if (ended) await close()
          else tuples.push(next.map(([element]) => element))
        }
        return tuples
      },
      close,
    }
  })

/** An iteration as a reader. What a synchronous one gives may be promises, as in `for await`. */
export function readerOf<T>(items: AsyncIterable<T> | Iterable<T>): Reader<T> {
  const step = stepsOf(items)
  let ended = false
  return {
    async read(count) {
      const pacer = new Pacer()
      const elements: T[] = []
      while (elements.length < count && !ended) {
        const { done, value } = await step.next()
        if (done === true) ended = true
        else elements.push(await value)
        if (pacer.due()) await pacer.turn()
      }
      return elements
    },
    async close() {
      if (ended) return
      ended = true
      await step.return?.()
    },
  }
}

function stepsOf<T>(items: AsyncIterable<T> | Iterable<T>): {
  next(): IteratorResult<T> | Promise<IteratorResult<T>>
  return?(): unknown
} {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
}
