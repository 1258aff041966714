import { expect, test } from 'vitest'
import { uniform } from '../sampling/sampler.ts'
import { StopStrings } from './stop-strings.ts'

/** All that a reader sees of pieces. */
function seen(
  stops: readonly string[],
  pieces: readonly string[],
): { text: string; stop: string | undefined } {
  const matcher = new StopStrings(stops)
  let text = ''
  for (const piece of pieces) {
    const released = matcher.push(piece)
    text += released.text
    if (released.stop !== undefined) return { text, stop: released.stop }
  }
  return { text: text + matcher.flush(), stop: undefined }
}

test('what may be the beginning of a stop string is held back, and given when it is none', () => {
  const matcher = new StopStrings(['\n\n', '</s>'])
  expect(matcher.push('a\n')).toEqual({ text: 'a', stop: undefined })
  expect(matcher.push('b</')).toEqual({ text: '\nb', stop: undefined })
  expect(matcher.push('x')).toEqual({ text: '</x', stop: undefined })
  expect(matcher.push('</s')).toEqual({ text: '', stop: undefined })
  expect(matcher.push('> y')).toEqual({ text: '', stop: '</s>' })
  expect(matcher.push('z')).toEqual({ text: '', stop: '</s>' })
  expect(matcher.flush()).toBe('')
})

test.each([
  [['aab'], 'aaab', 'a', 'aab'],
  [['b', 'ab'], 'xab', 'x', 'ab'],
  [['abc', 'b'], 'xabc', 'xa', 'b'],
  [['🙂'], 'a🙂b', 'a', '🙂'],
  [['x'], 'abc', 'abc', undefined],
  [[], 'abc', 'abc', undefined],
])('%s in %s', (stops, text, expected, stop) => {
  for (const pieces of [[text], text.split('')]) expect(seen(stops, pieces)).toEqual({ text: expected, stop })
})

test('however a text is cut, the same is seen', () => {
  const random = uniform(11)
  const pick = (letters: string, length: number) =>
    Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('')
  for (let trial = 0; trial < 300; trial++) {
    const text = pick('ab', 14)
    const stops = Array.from({ length: 2 }, () => pick('ab', 2 + Math.floor(random() * 4)))
    const whole = seen(stops, text.split(''))
    const cut = 1 + Math.floor(random() * 13)
    expect(seen(stops, [text.slice(0, cut), text.slice(cut)])).toEqual(whole)
    expect(seen(stops, [text])).toEqual(whole)
  }
})

test('an empty stop string is refused', () => {
  expect(() => new StopStrings(['a', ''])).toThrow('StopStrings: expected texts of at least one character')
})
