/**
 * Strings that no one would write, for tokenizers: the same as those of `fuzzed` in
 * `tools/golden/make_transformers_tokenizers.py`.
 */

/** Wellons's lowbias32. */
export function hashed(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/** Twice where there should be more of it. */
const ranges: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0x61, 0x7a],
  [0x30, 0x39],
  [0xa0, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x52f],
  [0x590, 0x6ff],
  [0x900, 0xdff],
  [0xe00, 0xeff],
  [0x1100, 0x11ff],
  [0x1e00, 0x1fff],
  [0x2000, 0x206f],
  [0x2070, 0x2bff],
  [0x2e00, 0x30ff],
  [0x3400, 0x9fff],
  [0xa000, 0xabff],
  [0xac00, 0xd7a3],
  [0xf900, 0xffff],
  [0x10000, 0x11fff],
  [0x16a00, 0x1e9ff],
  [0x1f000, 0x1faff],
  [0x20000, 0x33fff],
  [0xe0000, 0xe01ff],
  [0, 0x1f],
  [0xa0, 0x10ffff],
]

/** The string of a number: characters of ranges and parts of a list, up to 24 of them. */
export function fuzzed(i: number, parts: readonly string[]): string {
  let state = hashed(i * 7919 + 1)
  const length = 1 + (state % 24)
  let text = ''
  for (let j = 0; j < length; j++) {
    state = hashed(state + j * 31 + 1)
    const range = ranges[state % 32]
    state = hashed(state + 17)
    if (range === undefined) {
      text += parts[state % parts.length]
      continue
    }
    const [low, high] = range
    const c = low + (state % (high - low + 1))
    text += c >= 0xd800 && c <= 0xdfff ? '\ufffd' : String.fromCodePoint(c)
  }
  return text
}

/** FNV-1a of 32 bits over UTF-8. */
export function fnv1a(text: string, value = 2166136261): number {
  let hash = value
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 16777619)
  return hash >>> 0
}
