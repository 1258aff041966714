import { describe, expect, test } from 'vitest'
import { allows, randomTexts } from '../../testing/constrained.ts'
import { regexGrammar } from './regex.ts'

/** Patterns with texts near to what they match: some match, some do not; RegExp says which. */
const patterns: readonly (readonly [RegExp, readonly string[]])[] = [
  [/abc/u, ['abc', 'ab', 'abcd', '']],
  [/(ab|a)*b?/u, ['', 'ab', 'aab', 'abb', 'bb', 'aabab']],
  [/\d{4}-\d{2}-\d{2}/u, ['2024-01-31', '2024-1-31', '20240-01-31']],
  [/[^a-c\n]+/u, ['xyz', 'xay', '日本', '🙂', '\n']],
  [/.+/u, ['a🙂', '', 'a\nb', '\u2028']],
  [/.+/su, ['a\nb', '']],
  [/(?:foo|bar){2,3}/u, ['foo', 'foobar', 'barbarfoo', 'foofoofoofoo']],
  [/[\w.-]+@\w+\.\w{2,}/u, ['a.b-c@foo.bar', 'a@b.c', '@foo.bar']],
  [/^x+$/u, ['x', 'xx', '']],
  [/^a|b$/u, ['a', 'b', 'ab']],
  [/(?!foo)\w{3}/u, ['foo', 'bar', 'fob']],
  [/(?=.*\d)(?=.*[a-z])[a-z\d]{3,5}/u, ['abc', 'ab1', '123', 'a1b2c', 'a1b2c3']],
  [/(?!.*(.)x$)[a-z]+/u, ['ab', 'ax', 'x', 'xb']],
  [/\p{L}+\s\P{L}/u, ['é 1', 'é a', '日本\u30001', 'ß\u00a0-']],
  [/straße|[k-m]x/iu, ['STRAßE', 'strasse', '\u212ax', 'Kx', 'LX', 'STRAẞE']],
  [/straße|[k-m]x/i, ['STRAßE', '\u212ax', 'Kx', 'LX']],
  [/[^k]s/iu, ['Ks', '\u212as', 'aſ', 'aS']],
  [/a{0}b{2,}\x41\u{1F642}\cA/u, ['bbA🙂\u0001', 'abbA🙂\u0001', 'bA🙂\u0001']],
  [/[\b\-\]]\/\0/u, ['\b/\0', '-/\0', ']/\0', '[/\0']],
  [/a{,2}b?/, ['a{,2}', 'aa', 'a{,2}b']],
  [/x{a}[a-\d]/, ['x{a}-', 'x{a}5', 'x{a}b']],
  [/(|a)(b|)/u, ['', 'a', 'b', 'ab', 'ba']],
  [/([a-z]*)*c/u, ['c', 'abc', 'ab']],
  [/\ud83d\ude42?/u, ['', '🙂']],
  [/[\u{10000}-\u{10ffff}é-ÿ]{1,2}/u, ['🙂', '🙂é', 'éé🙂', 'e']],
]

/** Of the same pattern, whether it matches all of a text. */
const matches = (pattern: RegExp, text: string): boolean =>
  new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(text)

describe('regular expressions', () => {
  test.each(patterns.map(([pattern, texts]) => [String(pattern), pattern, texts] as const))(
    '%s: what RegExp matches is allowed, and nothing else',
    (_, pattern, texts) => {
      const grammar = regexGrammar(pattern)
      for (const text of texts) expect(allows(grammar, text), text).toBe(matches(pattern, text))
      for (const text of randomTexts(grammar, 25, { length: 12 }))
        expect(matches(pattern, text), JSON.stringify(text)).toBe(true)
    },
  )

  test('a text alone is a pattern', () => {
    expect(allows(regexGrammar('[ab]c'), 'bc')).toBe(true)
  })

  test.each([
    ['Unterminated group', '(a'],
    ['\\1', '(a)\\1'],
    ['\\k', '(?<x>a)\\k<x>'],
    ['\\b', '\\ba'],
    ['a lookbehind', '(?<=a)b'],
    ['the flag m', /a/m],
    ['^ behind something else', 'a^b'],
    ['$ before something else', '(?:a$)b'],
    ['a repeated ^', '(?:^a)+'],
  ] as const)('names what it cannot do: %s', (message, pattern) => {
    expect(() => regexGrammar(pattern)).toThrow(message)
  })
})
