import { readerOf } from './sources.ts'
import { behind, InnerStage, type Reader, type Stage } from './stage.ts'

/** Elements of the stages that a function makes of each element, so many of them read in turn. */
export const interleaved = <T, U>(
  input: Stage<T>,
  fn: (element: T) => Stage<U>,
  cycleLength: number,
): Stage<U> => new InnerStage([input], (skipped) => behind(skipped, readerOf(inTurn(input, fn, cycleLength))))

async function* inTurn<T, U>(
  input: Stage<T>,
  fn: (element: T) => Stage<U>,
  cycleLength: number,
): AsyncGenerator<U> {
  const sources = input.open(0)
  const open: Reader<U>[] = []
  let exhausted = false
  try {
    for (;;) {
      while (!exhausted && open.length < cycleLength) {
        const next = await sources.read(1)
        if (next.length === 0) exhausted = true
        else open.push(fn(next[0] as T).open(0))
      }
      if (open.length === 0) return
      for (const reader of [...open]) {
        const next = await reader.read(1)
        if (next.length === 0) open.splice(open.indexOf(reader), 1)
        else yield next[0] as U
      }
    }
  } finally {
    await Promise.all([sources, ...open].map((reader) => reader.close()))
  }
}
