import { describe, expect, it } from 'vitest'
import { compile, createEngine, type Engine, ops, type Tensor, tensor, withEngine } from '../index.ts'
import { createWebEngine } from '../testing/engines.ts'

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  native: () => createEngine(),
  WebAssembly: () => createWebEngine(),
}

describe.each(Object.keys(engines))('floats that pass through bytes on the %s engine', (name) => {
  it('are cut to whole numbers from 0 to 255, and 0 for NaN', async () => {
    const engine = await (engines[name] as () => Promise<Engine>)()
    const x = [Number.NaN, -Infinity, Infinity, -0, -0.5, -1, 0.99, 1, 254.9, 255, 255.5, 256, 1e9, 77.7]
    const expected = [0, 0, 255, 0, 0, 0, 0, 1, 254, 255, 255, 255, 255, 77]
    const round = compile((t: Tensor) => {
      const bytes = ops.cast(ops.mul(t, 1), 'uint8')
      // The second reads the bytes themselves, and the third tells −0 from 0.
      return [ops.cast(bytes, 'float32'), ops.add(bytes, 1), ops.reciprocal(ops.cast(bytes, 'float32'))]
    })
    const [floats, bytes, inverse] = await withEngine(engine, () => round(tensor(x)))
    expect(Array.from(await (floats as Tensor).data(), Number)).toEqual(expected)
    expect(Array.from(await (bytes as Tensor).data(), Number)).toEqual(expected.map((b) => (b + 1) % 256))
    expect(Array.from(await (inverse as Tensor).data(), Number)).toEqual(
      expected.map((b) => Math.fround(1 / b)),
    )
  })
})
