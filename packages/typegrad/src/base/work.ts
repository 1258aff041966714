import { Pacer } from './turn.ts'

/**
 * Work that may be interrupted: a generator that yields between its portions. The same code serves callers that wait for
 * it and those that must not hold up the event loop. Functions that give work are named so: `optimizeWork` beside `optimize`,
 * which does it in one go.
 *
 * @example
 * function* sums(rows: readonly number[][]): Work<number[]> {
 *   const all: number[] = []
 *   for (const row of rows) {
 *     all.push(row.reduce((a, b) => a + b, 0))
 *     yield
 *   }
 *   return all
 * }
 * complete(sums(rows))     // number[], at once
 * await paced(sums(rows))  // number[], with turns of the event loop whenever one is due
 */
export type Work<T> = Generator<void, T, void>

/** Does the work in one go. */
export function complete<T>(work: Work<T>): T {
  for (;;) {
    const portion = work.next()
    if (portion.done) return portion.value
  }
}

/** What is done in one piece, as work. */
// biome-ignore lint/correctness/useYield: one piece has nowhere to be interrupted
export function* asWork<T>(piece: () => T): Work<T> {
  return piece()
}

/**
 * The work with `enter` around each of its portions: what `enter` sets up holds in them, and not for what runs between.
 *
 * @example
 * within((portion) => withScope(scope, portion), traced())
 */
export function* within<T>(enter: Enter, work: Work<T>): Work<T> {
  for (;;) {
    const portion = enter(() => work.next())
    if (portion.done) return portion.value
    yield
  }
}

/** Runs something with what it needs around it. */
export type Enter = <R>(body: () => R) => R

/** Does the work in slices, with turns of the event loop between them. */
export async function paced<T>(work: Work<T>): Promise<T> {
  const pacer = new Pacer()
  for (;;) {
    const portion = work.next()
    if (portion.done) return portion.value
    if (pacer.due()) await pacer.turn()
  }
}
