import { expect, test } from 'vitest'
import { checkDepth, parseJson } from './json.ts'

const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`

test('what is nested as models are is read', () => {
  expect(parseJson('{"a": ["]}\\"[[", {"b": null}]}')).toEqual({ a: [']}"[[', { b: null }] })
  expect(() => parseJson(nested(500))).not.toThrow()
  expect(() => checkDepth(JSON.parse(nested(500)))).not.toThrow()
})

test.each([3000, 2_000_000])('%i levels are refused', (levels) => {
  expect(() => parseJson(nested(levels))).toThrow(/more than 512 objects and lists within each other/)
})

test('also of what has been parsed', () => {
  expect(() => checkDepth(JSON.parse(nested(3000)))).toThrow(/more than 512/)
})
