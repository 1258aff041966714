import { behind, InnerStage, type Stage } from './stage.ts'

/** Keeps what the first whole reading gave. */
export function cached<T>(input: Stage<T>): Stage<T> {
  let kept: readonly T[] | undefined
  return new InnerStage(
    [input],
    (skipped, own) => {
      if (kept !== undefined) {
        const elements = kept
        let at = skipped
        return {
          async read(count) {
            const given = elements.slice(at, at + count)
            at += given.length
            return given
          },
          async close() {},
        }
      }
      const before = input.state()
      const items = input.open(0)
      const seen: T[] = []
      return behind(skipped, {
        async read(count) {
          const next = await items.read(count)
          for (const item of next) seen.push(item)
          if (next.length < count) {
            kept = seen
            own.cached = [before]
          }
          return next
        },
        close: () => items.close(),
      })
    },
    // Whatever fills it, the first reading or one that goes on with a later one, is the same.
    0,
  )
}
