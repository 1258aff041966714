import { expect, test } from 'vitest'
import { ArgumentError } from './errors.ts'

test('an error says what was expected, what came, and what to do', () => {
  const error = new ArgumentError({ where: 'f', expected: 'a', received: 'b', fix: 'Do c.' })
  expect(error.message).toBe('f: expected a, received b. Do c.')
  expect(error.name).toBe('ArgumentError')
})

test('names and lists of any length leave a message that can be read', () => {
  const named = new ArgumentError({ where: 'f', expected: 'a', received: `'${'x'.repeat(5e5)}' in all` })
  expect(named.message.length).toBeLessThan(500)
  expect(named.message).toMatch(/^f: expected a, received 'x+ … x+' in all\.$/)
  const listed = new ArgumentError({ where: 'f', expected: 'a', received: 'name '.repeat(1e5) })
  expect(listed.message.length).toBeLessThan(5000)
})
