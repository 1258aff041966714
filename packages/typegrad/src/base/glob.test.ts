import { expect, test } from 'vitest'
import { glob } from './glob.ts'

const path = 'encoder/3/attention/query/kernel'

test.each([
  [path, true],
  ['encoder/*/attention/query/kernel', true],
  ['**/kernel', true],
  ['**', true],
  ['encoder/**', true],
  ['encoder/3/**/kernel', true],
  ['encoder/3/attention/query/**/kernel', true], // no segment is a number of segments, too
  ['**/attention/{query,value}/kernel', true],
  ['**/attention/{key,value}/kernel', false],
  ['**/att*/q?ery/k*l', true],
  ['*/kernel', false], // one segment
  ['kernel', false],
  ['encoder/3', false], // all of the path
  ['**/query', false],
  ['**/kerne', false],
  ['**/quer?y/kernel', false],
])('%s', (pattern, fits) => {
  expect(glob(pattern)(path)).toBe(fits)
})

test('letters that mean something in regular expressions stand for themselves', () => {
  expect(glob('a.b/(c)[0]+$')('a.b/(c)[0]+$')).toBe(true)
  expect(glob('a.b/c')('axb/c')).toBe(false)
  expect(glob('a}b,c')('a}b,c')).toBe(true)
})
