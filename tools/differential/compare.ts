import { type ArrayJson, isArrayJson, numbersOf } from './arrays.ts'
import { isJsonList, isJsonObject, type Json } from './json.ts'

export interface Tolerance {
  /** Of the number that is expected, and a tenth of it of the largest finite one in its array. */
  readonly relative: number
  readonly absolute: number
}

/**
 * The first place where two answers differ, in words; undefined if there is none. Numbers may differ by the tolerance;
 * NaN equals NaN, and an infinity only itself.
 */
export function difference(
  expected: Json,
  actual: Json,
  tolerance: Tolerance,
  place = '',
): string | undefined {
  if (isArrayJson(expected) && isArrayJson(actual)) return arrayDifference(expected, actual, tolerance, place)
  if (typeof expected === 'number' && typeof actual === 'number') {
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(expected)
    return close(expected, actual, allowed) ? undefined : `${place}: expected ${expected}, received ${actual}`
  }
  if (isJsonList(expected) && isJsonList(actual)) {
    if (expected.length !== actual.length)
      return `${place}: expected ${expected.length} items, received ${actual.length}`
    return first(expected, (item, i) => difference(item, actual[i] as Json, tolerance, `${place}[${i}]`))
  }
  if (isJsonObject(expected) && isJsonObject(actual)) {
    const [here, there] = [Object.keys(actual).sort(), Object.keys(expected).sort()]
    if (here.join() !== there.join()) return `${place}: expected the keys ${there}, received ${here}`
    return first(there, (key) =>
      difference(
        expected[key] as Json,
        actual[key] as Json,
        tolerance,
        place === '' ? key : `${place}.${key}`,
      ),
    )
  }
  return expected === actual
    ? undefined
    : `${place}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(actual)}`
}

function first<T>(items: readonly T[], of: (item: T, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = of(item, i)
    if (found !== undefined) return found
  }
  return undefined
}

const close = (expected: number, actual: number, allowed: number): boolean =>
  Object.is(expected, actual) ||
  expected === actual ||
  (Number.isNaN(expected) && Number.isNaN(actual)) ||
  Math.abs(expected - actual) <= (Number.isFinite(expected) ? allowed : 0)

function arrayDifference(
  expected: ArrayJson,
  actual: ArrayJson,
  { relative, absolute }: Tolerance,
  place: string,
): string | undefined {
  if (expected.shape.join() !== actual.shape.join())
    return `${place}: expected shape [${expected.shape}], received [${actual.shape}]`
  const [there, here] = [numbersOf(expected), numbersOf(actual)]
  const scale = there.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0)
  let worst = -1
  let excess = 0
  there.forEach((value, i) => {
    const allowed = absolute + relative * (Math.abs(value) + scale / 10)
    if (close(value, here[i] as number, allowed)) return
    const distance = Math.abs(value - (here[i] as number))
    const by = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance
    if (worst === -1 || by > excess) [worst, excess] = [i, by]
  })
  if (worst === -1) return undefined
  return `${place}: element ${worst} of [${expected.shape}]: expected ${there[worst]}, received ${here[worst]}`
}

/** Whether an answer holds numbers that say nothing: not finite, or so large that digits are lost. */
export function isExtreme(answer: Json, limit = 1e8): boolean {
  if (isArrayJson(answer)) {
    if (!answer.dtype.startsWith('float')) return false
    return numbersOf(answer).some((v) => !(Math.abs(v) <= limit))
  }
  if (typeof answer === 'number') return !(Math.abs(answer) <= limit)
  if (isJsonList(answer)) return answer.some((item) => isExtreme(item, limit))
  return isJsonObject(answer) && Object.values(answer).some((item) => isExtreme(item, limit))
}
