import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { hiddenField } from './hidden-field.ts'

test('a value of an object, which neither its keys nor its copies show', () => {
  const field = hiddenField<object, number>()
  const other = hiddenField<object, number>()
  const object = { a: 1 }
  expect(field.get(object)).toBeUndefined()
  expect(field.has(object)).toBe(false)
  field.set(object, 2)
  other.set(object, 3)
  expect([field.get(object), other.get(object)]).toEqual([2, 3])
  field.set(object, 4)
  expect([field.get(object), other.get(object), field.has(object)]).toEqual([4, 3, true])
  expect(Reflect.ownKeys(object)).toEqual(['a'])
  expect(field.get({ ...object })).toBeUndefined()
})

test('a quick collection frees the object and its value, which a WeakMap would keep', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void
  const megabytes = (keep: (object: object, value: object) => void): number => {
    collect({ type: 'minor' })
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 16; i++) {
      const object = { elements: new Float32Array(1 << 18) }
      keep(object, { object })
    }
    collect({ type: 'minor' })
    return (process.memoryUsage().arrayBuffers - before) / 2 ** 20
  }
  const field = hiddenField<object, object>()
  expect(megabytes((object, value) => field.set(object, value))).toBeLessThan(4)
})
