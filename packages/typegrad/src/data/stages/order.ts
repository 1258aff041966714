import { hostRandom } from '../../random/host.ts'
import { behind, InnerStage, type Reader, type Stage } from './stage.ts'

/** Random order, out of a buffer of so many elements. */
export const shuffled = <T>(
  input: Stage<T>,
  bufferSize: number,
  seed: number,
  reshuffleEachIteration: boolean,
): Stage<T> =>
  new InnerStage([input], (skipped, own) => {
    const below = hostRandom(seed, reshuffleEachIteration ? own.readings : 0)
    own.readings += 1
    const items = input.open(0)
    let buffer: T[] | undefined
    return behind(skipped, {
      async read(count) {
        buffer ??= await items.read(bufferSize)
        const given: T[] = []
        const following = buffer.length < bufferSize ? [] : await items.read(count)
        for (const item of following) {
          const chosen = below(bufferSize)
          given.push(buffer[chosen] as T)
          buffer[chosen] = item
        }
        // Behind the last element that comes in, the buffer is emptied.
        while (given.length < count && buffer.length > 0) {
          const chosen = below(buffer.length)
          given.push(buffer[chosen] as T)
          buffer[chosen] = buffer[buffer.length - 1] as T
          buffer.pop()
        }
        return given
      },
      close: () => items.close(),
    })
  })

/** The first `count` elements. */
export const taken = <T>(input: Stage<T>, count: number): Stage<T> =>
  new InnerStage([input], (skipped) => {
    const items = input.open(skipped)
    let left = Math.max(0, count - skipped)
    return {
      async read(wanted) {
        const given = left === 0 ? [] : await items.read(Math.min(wanted, left))
        left -= given.length
        if (given.length < wanted) await items.close()
        return given
      },
      close: () => items.close(),
    }
  })

/** All but the first `count` elements. */
export const passedOver = <T>(input: Stage<T>, count: number): Stage<T> =>
  new InnerStage([input], (skipped) => input.open(count + skipped))

/** Elements that are read at once where a pass is gone through again. */
const stride = 1 << 12

/** The whole again and again. */
export const repeated = <T>(input: Stage<T>, count: number): Stage<T> =>
  new InnerStage(
    [input],
    (skipped, own) => {
      // Passes of a known length need not be made again to come behind them.
      const known = own.length ?? 0
      let pass = known > 0 ? Math.min(Math.floor(skipped / known), count) : 0
      input.advance(pass)
      /** Elements of the passes to come that are to be left out. */
      let rest = skipped - pass * known
      let items: Reader<T> | undefined
      /** Elements of this pass so far. */
      let length = 0
      return {
        async read(wanted) {
          const given: T[] = []
          while (given.length < wanted && pass < count) {
            if (items === undefined) {
              length = known > 0 ? rest : 0
              items = input.open(length)
            }
            const isBehind = length >= rest
            const asked = isBehind ? wanted - given.length : Math.min(rest - length, stride)
            const next = await items.read(asked)
            if (isBehind) for (const item of next) given.push(item)
            length += next.length
            if (next.length === asked) continue
            // The pass has ended. What is empty would be repeated in vain.
            items = undefined
            pass = length === 0 ? count : pass + 1
            if (length === 0) break
            rest = Math.max(0, rest - length)
            own.length = own.length === undefined || own.length === length ? length : 0
          }
          return given
        },
        close: async () => {
          await items?.close()
        },
      }
    },
    count,
  )
