import { describe, expect, it } from 'vitest'
import { createEngine, type Engine, ops, tensor, withEngine } from '../index.ts'
import { createWebEngine } from '../testing/engines.ts'

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  native: () => createEngine(),
  WebAssembly: () => createWebEngine(),
}

describe.each(Object.keys(engines))('on the %s engine', (name) => {
  it.each(['int32', 'int64', 'uint8', 'uint32'] as const)(
    'what was clipped becomes the %s that it is',
    async (dtype) => {
      const x = tensor([Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 300.7, -5.5, 12.9])
      const engine = await (engines[name] as () => Promise<Engine>)()
      // As one program: what is computed already is read as it is.
      const made = withEngine(engine, () =>
        ops.cast(ops.clip(ops.mul(x, 1), { min: 0, max: 255 }), dtype).data(),
      )
      const values = Array.from(await made, Number)
      expect(values).toEqual([0, 0, 255, 255, 0, 12])
    },
  )
})
