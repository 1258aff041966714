import { type CharacterSet, characterSet, complement, intersection } from './characters.ts'
import { characters, choice, type Expression, repeat, rule, sequence, text } from './expression.ts'

/** Characters that JSON writes as they are within strings; the others are few. */
const plain: CharacterSet = complement(
  characterSet([
    [0, 0x1f],
    [0x22, 0x22],
    [0x5c, 0x5c],
  ]),
)
const hex = characters(
  characterSet([
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ]),
)
const set = (source: string): Expression =>
  characters(characterSet(Array.from(source, (one) => [one.charCodeAt(0), one.charCodeAt(0)] as const)))

/** How strings write a text: as JSON.stringify does, without the quotation marks. */
export const inString = (value: string): string => JSON.stringify(value).slice(1, -1)

/** An expression of what a string means, as one of how JSON writes it. It must have no rules. */
export function encodedInJson(expression: Expression): Expression {
  switch (expression.kind) {
    case 'text':
      return text(inString(expression.text))
    case 'characters': {
      const escaped = intersection(expression.set, complement(plain)).flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, i) => text(inString(String.fromCharCode(first + i)))),
      )
      return choice(characters(intersection(expression.set, plain)), ...escaped)
    }
    case 'sequence':
      return { kind: 'sequence', items: expression.items.map(encodedInJson) }
    case 'choice':
      return { kind: 'choice', options: expression.options.map(encodedInJson) }
    case 'repeat':
      return { ...expression, item: encodedInJson(expression.item) }
    case 'machine': {
      const states = expression.machine.states.map(({ accepts, arrows }) => ({
        accepts,
        arrows: arrows.map(({ on, to }) => ({ on: encodedInJson(on), to })),
      }))
      return { kind: 'machine', machine: { states } }
    }
    case 'rule':
      return expression
  }
}

const quote = text('"')
export const quoted = (content: Expression): Expression => sequence(quote, content, quote)

const digit = characters([[0x30, 0x39]])
const natural = (most: number): Expression =>
  choice(text('0'), sequence(characters([[0x31, 0x39]]), repeat(digit, 0, most - 1)))
const minus = repeat(text('-'), 0, 1)
const exponent = (digits: Expression): Expression => sequence(set('eE'), repeat(set('+-'), 0, 1), digits)

/** Most digits before the point: as many as JavaScript writes without an exponent. */
export const mostDigits = 21
/** Most digits behind the point: what the least number that JavaScript writes without an exponent needs. */
export const mostDecimals = 23

/** Rules of JSON itself. Numbers have as many digits as JavaScript writes: endless ones would be infinite. */
export const jsonRules = {
  value: choice(
    rule('string'),
    rule('number'),
    rule('object'),
    rule('array'),
    text('true'),
    text('false'),
    text('null'),
  ),
  string: quoted(repeat(rule('character'), 0)),
  /** One character, escaped in any way; two escapes for one beyond 16 bits. */
  character: choice(
    characters(plain),
    sequence(
      text('\\'),
      choice(
        set('"\\/bfnrt'),
        sequence(
          text('u'),
          choice(
            sequence(set('0123456789abcefABCEF'), hex, hex, hex),
            sequence(set('dD'), set('01234567'), hex, hex),
          ),
        ),
        sequence(
          text('u'),
          set('dD'),
          set('89abAB'),
          hex,
          hex,
          text('\\u'),
          set('dD'),
          set('cdefCDEF'),
          hex,
          hex,
        ),
      ),
    ),
  ),
  number: choice(
    sequence(
      minus,
      natural(mostDigits),
      repeat(sequence(text('.'), repeat(digit, 1, mostDecimals)), 0, 1),
      repeat(exponent(repeat(digit, 1, 2)), 0, 1),
    ),
    // Up to 9.99e307, and down to 1e-329, which is 0.
    sequence(
      minus,
      digit,
      repeat(sequence(text('.'), repeat(digit, 1, mostDecimals)), 0, 1),
      choice(
        exponent(choice(sequence(set('12'), digit, digit), sequence(text('30'), set('01234567')))),
        sequence(set('eE'), text('-3'), set('012'), digit),
      ),
    ),
  ),
  integer: choice(text('0'), sequence(minus, characters([[0x31, 0x39]]), repeat(digit, 0, mostDigits - 1))),
  boolean: choice(text('true'), text('false')),
  null: text('null'),
} satisfies Readonly<Record<string, Expression>>
