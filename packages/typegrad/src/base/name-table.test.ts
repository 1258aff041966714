import { expect, test } from 'vitest'
import { filledIn, nameTable } from './name-table.ts'

test('a star is a part of a name, two are any text', () => {
  const find = nameTable({ 'h.*.w': 1, 'a/*': 2, '**.b': 3, '*_*': 4 })
  expect(find('h.0.w')).toEqual({ key: 'h.*.w', value: 1, captures: ['0'] })
  expect(find('h.0.1.w')).toBeUndefined()
  expect(find('h..w')).toBeUndefined()
  expect(find('hx0xw')).toBeUndefined()
  expect(find('a/b')?.captures).toEqual(['b'])
  expect(find('a/b/c')).toBeUndefined()
  expect(find('x.y.z.b')?.captures).toEqual(['x.y.z'])
  expect(find('in_proj_weight')?.captures).toEqual(['in_proj', 'weight'])
})

test('the exact row comes before patterns, and these in the order of the table', () => {
  const find = nameTable<string | null>({ '*': 'any', 'w*': 'late', wte: 'exact', __proto__x: null })
  expect(find('wte')?.value).toBe('exact')
  expect(find('wpe')?.value).toBe('any')
  expect(find('__proto__x')?.value).toBeNull()
  expect(find('constructor')?.key).toBe('*')
  expect(nameTable({ a: 1 })('constructor')).toBeUndefined()
})

test('letters that patterns of JavaScript know stand for themselves', () => {
  const find = nameTable({ 'a(1)+[2]{3}^$|\\?.*': 1 })
  expect(find('a(1)+[2]{3}^$|\\?.x')?.captures).toEqual(['x'])
  expect(find('a1+2')).toBeUndefined()
})

test('stars are filled in in their order', () => {
  expect(filledIn('layers/block_*/**/kernel', ['3', 'a/b'], 'map')).toBe('layers/block_3/a/b/kernel')
  expect(filledIn('plain', ['3'], 'map')).toBe('plain')
  expect(() => filledIn('*_*', ['3'], 'map')).toThrow(
    'map: expected at most 1 stars in "*_*", as many as its row\'s name has, received 2.',
  )
})
