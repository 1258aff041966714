/** Draws whole numbers from 0 to below a bound. */
export type Draw = (below: number) => number

/** mulberry32: the same numbers for the same seed, in few lines. */
export function drawing(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const pick = <T>(draw: Draw, list: readonly [T, ...T[]]): T => list[draw(list.length)] as T

/** Sizes at which readers go wrong. */
const extremes = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const

/** A copy of a file with one to four damages: bits, numbers, ranges that are cut, doubled or put elsewhere. */
export function damagedBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  let result = bytes.slice()
  for (let n = 1 + draw(4); n > 0 && result.length > 8; n--) {
    const at = draw(result.length)
    const length = Math.min(1 + draw(pick(draw, [4, 64, 4096])), result.length - at)
    const part = result.slice(at, at + length)
    const view = new DataView(result.buffer)
    const word = draw(result.length - 8)
    const damages = [
      () => {
        result[at] = (result[at] as number) ^ (1 << draw(8))
      },
      () => {
        result[at] = draw(256)
      },
      () => view.setUint32(word, pick(draw, extremes), true),
      () => view.setUint32(word, (view.getUint32(word, true) + draw(17) - 8) >>> 0, true),
      // An address, or a length, of something else in the file.
      () => view.setBigUint64(word, BigInt(draw(result.length)), true),
      () =>
        view.setBigUint64(
          word,
          BigInt(pick(draw, extremes)) * BigInt(pick(draw, [1, 2 ** 16, 2 ** 32])),
          true,
        ),
      () => result.set(part, draw(result.length - part.length + 1)),
      () => {
        result = result.slice(0, at)
      },
      () => {
        result = joined(result.subarray(0, at), result.subarray(at + length))
      },
      () => {
        result = joined(result.subarray(0, at), part, result.subarray(at))
      },
    ]
    damages[draw(damages.length)]?.()
  }
  return result
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/** Stands for arrays within each other, more than JSON.stringify is sure to write. */
const deep = 'arrays, 3,000 deep'

/** What a value in JSON is replaced by, made anew each time: the next damage may go into it. */
const oddValues: readonly (() => unknown)[] = [
  ...[null, true, -1, 0, 1.5, 2 ** 31, 2 ** 53, 1e308, '', '__proto__', 'Dense'].map((value) => () => value),
  () => 'a'.repeat(100_000),
  () => [],
  () => ({}),
  () => [[]],
  () => [null],
  () => deep,
  () => ({ class_name: 'Dense', config: null }),
]

/** JSON of a value with one to three members of it replaced, removed, or put into another's place. */
export function damagedJson(value: unknown, draw: Draw): Uint8Array {
  const root = structuredClone({ value })
  for (let n = 1 + draw(3); n > 0; n--) {
    const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = []
    const collect = (holder: Record<string, unknown>, depth: number): void => {
      for (const key of Object.keys(holder)) {
        places.push({ holder, key })
        const inner = holder[key]
        if (typeof inner === 'object' && inner !== null && depth < 100)
          collect(inner as Record<string, unknown>, depth + 1)
      }
    }
    collect(root, 0)
    const target = places[draw(places.length)]
    const other = places[draw(places.length)]
    if (target === undefined || other === undefined) break
    const { holder, key } = target
    const kind = draw(6)
    if (kind === 0) delete holder[key]
    else if (kind === 1) holder[key] = structuredClone(other.holder[other.key])
    else if (kind === 2) holder[`${key}${draw(10)}`] = holder[key]
    else holder[key] = oddValues[draw(oddValues.length)]?.()
  }
  const text = JSON.stringify(root.value) ?? 'null'
  return new TextEncoder().encode(text.replaceAll(`"${deep}"`, `${'['.repeat(3000)}1${']'.repeat(3000)}`))
}
