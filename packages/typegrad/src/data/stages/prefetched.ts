import { InnerStage, type Stage } from './stage.ts'

/** Makes up to `ahead` elements more than were asked for. */
export const prefetched = <T>(input: Stage<T>, ahead: number): Stage<T> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(skipped)
    const fetched: Promise<T[]>[] = []
    let last: Promise<unknown> = Promise.resolve()
    const fetch = (): void => {
      const next = last.then(() => items.read(1))
      // The reader that comes to this element gets the error; until then it counts as handled.
      next.catch(() => {})
      last = next
      fetched.push(next)
    }
    return {
      async read(count) {
        while (fetched.length < count + ahead) fetch()
        const given: T[] = []
        for (let i = 0; i < count; i++) {
          const next = await (fetched.shift() as Promise<T[]>)
          if (next.length === 0) break
          given.push(next[0] as T)
        }
        return given
      },
      async close() {
        await last.catch(() => {})
        await items.close()
      },
    }
  })

/** What is there already need not be fetched: the stage does nothing. */
export const passed = <T>(input: Stage<T>): Stage<T> =>
  new InnerStage([input], (skipped) => input.open(skipped))
