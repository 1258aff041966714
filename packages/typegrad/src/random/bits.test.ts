import { describe, expect, it } from 'vitest'
import { createEngine, type Engine, withEngine } from '../index.ts'
import { apply } from '../ops/apply.ts'
import { constant } from '../tensor/tensor.ts'
import { createWebEngine } from '../testing/engines.ts'
import { hash32 } from './host.ts'

const goldenRatio = 0x9e3779b9

/** The generator's definition: hash(row + column), with hashes of the key, the row and the column. */
function bitsOf([seed, step]: readonly [number, number], site: number, rows: number, columns: number) {
  const stepped = hash32((hash32(seed + goldenRatio) ^ step) + goldenRatio)
  const key = hash32(stepped + Math.imul(site + 1, goldenRatio))
  const positions = (count: number, salt: number): number[] => {
    const start = hash32(key + salt)
    return Array.from({ length: count }, (_, i) => hash32(Math.imul(i, goldenRatio) + start))
  }
  const column = positions(columns, 0xc01d)
  return positions(rows, 0x51ab).flatMap((row) => column.map((c) => hash32(row + c)))
}

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  native: () => createEngine(),
  WebAssembly: () => createWebEngine(),
}

describe.each(Object.keys(engines))('on the %s engine', (name) => {
  it.each([
    [[]],
    [[7]],
    [[5, 1]],
    [[2, 3, 1]],
    [[6, 2]],
    [[4, 5, 3]],
    [[3, 8]],
    [[3, 9]],
    [[0, 3]],
    [[3, 0]],
  ])('bits of shape %j are those of the definition', async (shape) => {
    const engine = await (engines[name] as () => Promise<Engine>)()
    const key = [3_000_000_019, 12] as const
    const drawn = await withEngine(engine, () =>
      apply('randomBits', [constant([...key], [2], 'uint32')], { shape, site: 4 }).data(),
    )
    const columns = shape.at(-1) ?? 1
    const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1)
    expect(Array.from(drawn, Number)).toEqual(columns === 0 ? [] : bitsOf(key, 4, rows, columns))
  })
})
