import type { SliceBounds, SteppedSlice } from '../base/slice.ts'
import { DependsOnSizes, expressed, type Size, type SliceSize, type Three } from './open-sizes.ts'

/** A slice that a trace met, in its order. */
interface Met {
  readonly asked: SteppedSlice
  readonly length: number
}

/** What stands for slices in traces: they start here and take as many positions, fewer from one to the next, which may be a slice of it. */
const stands: readonly { readonly start: Three; readonly count: Three }[] = [
  { start: [11, 13, 17], count: [97, 139, 181] },
  { start: [13, 11, 19], count: [83, 127, 157] },
  { start: [11, 17, 13], count: [71, 109, 137] },
  { start: [17, 19, 11], count: [53, 89, 113] },
  { start: [13, 17, 11], count: [37, 71, 101] },
  { start: [11, 13, 19], count: [23, 53, 79] },
]

/** A slice whose bounds depend on an open size. */
interface Placed {
  readonly asked: SteppedSlice
  readonly start: Three
  readonly count: Three
}

/**
 * The slices of a model in its traces. `x[:8]` takes 8 positions of an axis that has them, and fewer of a shorter one:
 * where lengths are open, it stands in the traces for a size of its own.
 */
export class OpenSlices {
  readonly #met: readonly [Met[], Met[], Met[]] = [[], [], []]
  readonly #placed: Placed[] = []
  readonly #known = new Map<string, Placed>()
  readonly #sizes: SliceSize[] = []

  /** The sizes that slices stand for. */
  get sizes(): readonly SliceSize[] {
    return this.#sizes
  }

  /** Bounds of a slice that a trace meets, undefined where it may keep its own. */
  meet(trace: 0 | 1 | 2, asked: SteppedSlice, length: number): SliceBounds | undefined {
    const met = this.#met[trace]
    const placed = this.#placed[met.length]
    met.push({ asked, length })
    if (placed === undefined) return undefined
    const { step } = asked
    const [start, count] = [placed.start[trace], placed.count[trace]]
    const stop = start + count * step
    if (stop > length) throw dependsOn(asked)
    return { start, stop, step }
  }

  /**
   * Finds the slices of open axes among those that three traces met, and gives them sizes of their own.
   *
   * @returns whether there are new ones, so that the traces have to be made once more.
   * @throws DependsOnSizes for a slice that cannot be said.
   */
  place(sizes: readonly Size[]): boolean {
    const [a, b, c] = this.#met
    const before = this.#known.size
    for (const [i, { asked, length }] of a.entries()) {
      const three: Three = [length, b[i]?.length ?? length, c[i]?.length ?? length]
      if (this.#placed[i] !== undefined || !mayEndEarlier(asked) || three.every((one) => one === length))
        continue
      const key = JSON.stringify([asked, three])
      const placed = this.#known.get(key) ?? this.#place(asked, three, sizes)
      this.#known.set(key, placed)
      this.#placed[i] = placed
    }
    for (const met of this.#met) met.length = 0
    return this.#known.size > before
  }

  #place(slice: SteppedSlice, three: Three, sizes: readonly Size[]): Placed {
    const length = expressed(three, [...sizes, ...this.#sizes])
    const stand = stands[this.#known.size]
    if (length === undefined || stand === undefined || slice.step < 0) throw dependsOn(slice)
    const { count } = stand
    const first = slice.start ?? 0
    const start: Three = first < 0 ? stand.start : [first, first, first]
    this.#sizes.push({ of: 'count', slice, length, stand: count })
    if (first < 0) {
      const [p, q, r] = start.map((at, trace) => at + (count[trace] as number) * slice.step)
      const stop = [p, q, r] as Three
      this.#sizes.push(
        { of: 'start', slice, length, stand: start },
        { of: 'stop', slice, length, stand: stop },
      )
    }
    return { asked: slice, start, count }
  }
}

/** Whether a shorter axis gives fewer positions, or others. One position is there in any that is not empty. */
const mayEndEarlier = ({ start, stop, step }: SteppedSlice): boolean =>
  step < 0
    ? (start !== null && start !== -1) || stop !== null
    : (stop !== null && stop > 1) || (start !== null && start < -1)

const dependsOn = ({ start, stop, step }: SteppedSlice): DependsOnSizes =>
  new DependsOnSizes(`the slice ${start ?? ''}:${stop ?? ''}${step === 1 ? '' : `:${step}`}`)
