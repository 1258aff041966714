import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromJson, toJson } from './non-finite.ts'

test('every value of a training comes back through JSON', () => {
  const numbers = fc.double().map((value) => (Object.is(value, -0) ? 0 : value))
  const names = fc.string().filter((key) => key !== '$number' && key !== '__proto__')
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      numbers,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(value, (original) => {
      expect(fromJson(JSON.parse(JSON.stringify(toJson(original))))).toEqual(plain(original))
    }),
  )
})

/** Without the null prototypes of fast-check's objects. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
