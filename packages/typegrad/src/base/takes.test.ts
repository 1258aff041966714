import { expect, test } from 'vitest'
import { number, optionsOf } from './options.ts'
import { takes } from './takes.ts'

interface SizeOptions {
  readonly size?: number
}

const sizeChecks = optionsOf<SizeOptions>()({ size: number })

@takes(sizeChecks)
class Box {
  static readonly unit = 'm'
  readonly #size: number
  constructor({ size = 1 }: SizeOptions = {}) {
    this.#size = size
  }
  get size(): number {
    return this.#size
  }
}

/** With options of its own. */
class Crate extends Box {
  readonly slats: number
  constructor({ slats = 4, ...options }: SizeOptions & { slats?: number } = {}) {
    super({ ...options, slats } as SizeOptions)
    this.slats = slats
  }
}

test('the class is the same but for its check', () => {
  const box = new Box({ size: 3 })
  expect(box.size).toBe(3)
  expect(box).toBeInstanceOf(Box)
  expect(box.constructor).toBe(Box)
  expect(Box.name).toBe('Box')
  expect(Box.unit).toBe('m')
  expect(new Box().size).toBe(1)
})

test('options that it does not have are refused, with the line of the call in the stack', () => {
  const make = () => new Box({ sise: 1 } as SizeOptions)
  expect(make).toThrow('Box: expected only options that it has: size, received "sise". Did you mean size?')
  try {
    make()
  } catch (error) {
    expect((error as Error).stack).toContain('takes.test.ts')
  }
})

test('a class that extends it says itself what it takes', () => {
  const crate = new Crate({ size: 2, slats: 6 })
  expect([crate.size, crate.slats]).toEqual([2, 6])
  expect(crate).toBeInstanceOf(Box)
  expect(crate.constructor).toBe(Crate)
})

test('a call without new says what to write', () => {
  expect(() => (Box as unknown as () => Box)()).toThrow(
    'Box: expected the class to be used with new, received a call',
  )
})
