import { behind, InnerStage, type Stage } from './stage.ts'

/** Each element by a function's result, one call after the other. */
export const mapped = <T, U>(input: Stage<T>, fn: (element: T, index: number) => U | Promise<U>): Stage<U> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(skipped)
    let index = skipped
    return {
      async read(count) {
        const results: U[] = []
        for (const item of await items.read(count)) {
          const result = fn(item, index++)
          results.push(isPromise(result) ? await result : result)
        }
        return results
      },
      close: () => items.close(),
    }
  })

/** As `mapped`, with up to so many calls under way at once; the order stays. */
export const mappedAtOnce = <T, U>(
  input: Stage<T>,
  fn: (element: T, index: number) => U | Promise<U>,
  calls: number,
): Stage<U> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(skipped)
    const underWay: Promise<U>[] = []
    let index = skipped
    let ended = false
    const begin = async (): Promise<void> => {
      const open = calls - underWay.length
      if (ended || open <= 0) return
      const next = await items.read(open)
      ended = next.length < open
      for (const item of next) {
        const call = (async () => fn(item, index++))()
        // The reader that comes to this element gets the error; until then it counts as handled.
        call.catch(() => {})
        underWay.push(call)
      }
    }
    return {
      async read(count) {
        const results: U[] = []
        while (results.length < count) {
          await begin()
          const first = underWay.shift()
          if (first === undefined) break
          results.push(await first)
        }
        // The next ones are made while these are used.
        await begin()
        return results
      },
      async close() {
        await Promise.allSettled(underWay)
        await items.close()
      },
    }
  })

/** The elements for which a function says true. */
export const filtered = <T>(
  input: Stage<T>,
  keep: (element: T, index: number) => boolean | Promise<boolean>,
): Stage<T> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(0)
    let index = 0
    return behind(skipped, {
      async read(count) {
        const kept: T[] = []
        for (;;) {
          const wanted = count - kept.length
          const next = await items.read(wanted)
          for (const item of next) if (await keep(item, index++)) kept.push(item)
          if (kept.length === count || next.length < wanted) return kept
        }
      },
      close: () => items.close(),
    })
  })

const isPromise = <U>(value: U | Promise<U>): value is Promise<U> =>
  value !== null && typeof value === 'object' && 'then' in value
