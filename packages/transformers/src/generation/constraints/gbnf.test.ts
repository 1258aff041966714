import { describe, expect, test } from 'vitest'
import { allows, randomTexts, vocabulary } from '../../testing/constrained.ts'
import { Constraint } from './constraint.ts'
import { parseGbnf } from './gbnf.ts'

const arithmetic = `
# sums of products
root   ::= sum
sum    ::= product (("+" | "-") product)*
product ::=
  value ("*" value)*
value  ::= [0-9]+ | "(" sum ")" # a number or a sum
`

const json = String.raw`
root ::= object
value ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
array ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,1})? ws
ws ::= | " " | "\n" [ \t]{0,20}
`

describe('GBNF', () => {
  test('balanced brackets and nothing else', () => {
    const grammar = parseGbnf(arithmetic)
    for (const text of ['1', '1+2*3', '(1)', '((12)*3-4)', '((((((((1))))))))'])
      expect(allows(grammar, text)).toBe(true)
    for (const text of ['', '1+', '(1', '1)', '()', '((1)']) expect(allows(grammar, text)).toBe(false)
    for (const text of randomTexts(grammar, 40, { length: 15 }).filter(({ length }) => length < 200)) {
      // Numbers without their leading zeros, which JavaScript refuses.
      const value: unknown = Function(`return ${text.replace(/\b0+(?=\d)/g, '')}`)()
      expect(typeof value).toBe('number')
    }
  })

  test("llama.cpp's grammar of JSON: random texts are JSON, and JSON is allowed", () => {
    const grammar = parseGbnf(json)
    for (const text of randomTexts(grammar, 40)) expect(typeof JSON.parse(text)).toBe('object')
    const value = { a: [1, -2.5, null, { name: '日本🙂\n"' }], b: {}, 'é\\': [[[]]], c: [true, false] }
    expect(allows(grammar, JSON.stringify(value))).toBe(true)
    expect(allows(grammar, '{"a":}')).toBe(false)
    expect(allows(grammar, '{"a":1')).toBe(false)
  })

  test.each([
    ['root ::= [a-c]{2,3}', ['ab', 'abc'], ['a', 'abca']],
    ['root ::= [a-c]{2,} "x"?', ['ab', 'abcabx'], ['ax']],
    ['root ::= ("a" | "b" ){ 2 }', ['ab'], ['a', 'aba']],
    ['root ::= [^a-y\\n] .', ['z🙂', '日\n'], ['ab', '\nb']],
    ['root ::= "\\u65e5\\U0001F642\\x41\\t\\"" ', ['日🙂A\t"'], ['日']],
    ['root ::= a?\na ::= "x" a | "y"', ['', 'y', 'xxy'], ['x']],
    ['root ::= [a-] [\\]-]', ['a]', '--'], ['b]']],
    ['root ::= |\n  "a"', ['', 'a'], ['aa']],
    ['root ::= (("a")\n*\n)', ['', 'aa'], ['b']],
  ])('%s', (source, good, bad) => {
    const grammar = parseGbnf(source)
    for (const text of good) expect(allows(grammar, text), text).toBe(true)
    for (const text of bad) expect(allows(grammar, text), text).toBe(false)
  })

  test.each([
    ["line 1, column 12: expected '\"'", 'root ::= "a'],
    ["line 1, column 6: expected '::='", 'root := "a"'],
    ["line 2, column 14: expected ')'", 'x ::= "a"\nroot ::= ("b"'],
    ['no tokens, which are not supported', 'root ::= <think>'],
    ["no 'b', which is used at line 1, column 11; no 'root'", 'a ::= "x" b'],
    ["'root' twice", 'root ::= "a"\nroot ::= "b"'],
    ['a range in ascending order', 'root ::= [z-a]'],
    ['at least 3 repetitions', 'root ::= "a"{3,2}'],
    ['behind a backslash', 'root ::= "\\q"'],
    ['hexadecimal digits', 'root ::= "\\xZZ"'],
  ])('says where: %s', (message, source) => {
    expect(() => parseGbnf(source)).toThrow(message)
  })

  test.each([
    ['list → list', 'root ::= list\nlist ::= list "," "a" | "a"'],
    ['a → b → a', 'root ::= a\na ::= "x"? b\nb ::= a "y" | "z"'],
    ["rules that none does: 'root', 'a'", 'root ::= a\na ::= "x" a'],
    ['at most 200000 steps', 'root ::= ([ab]{1000} "x"){1000} [ab]{200000}'],
  ])('refuses what has no end: %s', (message, source) => {
    expect(() => new Constraint(parseGbnf(source), vocabulary)).toThrow(message)
  })
})
