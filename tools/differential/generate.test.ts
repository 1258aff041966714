import { describe, expect, it } from 'vitest'
import { arrayJson } from './arrays.ts'
import { families } from './families/index.ts'
import { familyNames } from './family.ts'
import { made } from './made.ts'
import { packed, unpacked } from './pack.ts'
import { Random } from './random.ts'

describe('Random', () => {
  it('gives the same numbers for the same name, in the whole range', () => {
    expect(new Random('a').next()).toBe(new Random('a').next())
    expect(new Random('a').next()).not.toBe(new Random('b').next())
    const random = new Random('range')
    const drawn = Array.from({ length: 1000 }, () => random.int(-2, 3))
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([-2, 3])
  })
})

describe.each(familyNames)('cases of %s', (name) => {
  const family = families[name]
  const names = Array.from({ length: 60 }, (_, i) => `${name}-test-${i}`)

  it('follow from their name alone', () => {
    for (const caseName of names)
      expect(made(family, caseName, ['torch'])).toEqual(made(family, caseName, ['torch']))
  })

  it('can be made smaller and printed', () => {
    for (const caseName of names) {
      const { spec } = made(family, caseName, ['torch'])
      for (const smaller of family.shrinks(spec)) expect(smaller).not.toEqual(spec)
      expect(family.typescript(spec)).toContain('typegrad')
      expect(family.python(spec)).toContain('import')
    }
  })
})

describe('packed', () => {
  it('keeps every bit of arrays within JSON', () => {
    const value = {
      list: [arrayJson('float32', [2], [-0, Number.NaN]), { inner: arrayJson('int64', [1], [2 ** 40]) }],
      text: 'bytes',
      none: null,
    }
    expect(unpacked(packed(value))).toEqual(value)
  })
})
