import { describe, expect, test } from 'vitest'
import { allows, randomTexts, vocabulary } from '../../testing/constrained.ts'
import { Constraint } from './constraint.ts'
import { type JsonSchemaOptions, jsonSchemaGrammar } from './json-schema.ts'
import { integerRange, type NumberRange } from './number-range.ts'
import { expressionOf } from './regular.ts'

type Schema = Readonly<Record<string, unknown>> | boolean

/** Whether a value meets a schema: written from the specification, without a thought of texts. */
function meets(schema: Schema, value: unknown, root: Schema = schema): boolean {
  if (typeof schema === 'boolean') return schema
  const inner = (one: unknown, of: unknown): boolean => meets(one as Schema, of, root)
  const list = (name: string): readonly unknown[] => (schema[name] ?? []) as readonly unknown[]
  const typeIs = (type: unknown): boolean =>
    type === 'integer'
      ? Number.isInteger(value)
      : type === 'null'
        ? value === null
        : type === 'array'
          ? Array.isArray(value)
          : type === 'object'
            ? typeof value === 'object' && value !== null && !Array.isArray(value)
            : typeof value === type
  const same = (one: unknown): boolean => JSON.stringify(one) === JSON.stringify(value)
  if (typeof schema.$ref === 'string') {
    const target = schema.$ref
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], root)
    if (!inner(target, value)) return false
  }
  if (schema.type !== undefined && ![schema.type].flat().some(typeIs)) return false
  if (schema.enum !== undefined && !list('enum').some(same)) return false
  if ('const' in schema && !same(schema.const)) return false
  if (schema.anyOf !== undefined && !list('anyOf').some((one) => inner(one, value))) return false
  if (schema.oneOf !== undefined && list('oneOf').filter((one) => inner(one, value)).length !== 1)
    return false
  if (!list('allOf').every((one) => inner(one, value))) return false
  const bound = (name: string, otherwise: number): number => Number(schema[name] ?? otherwise)
  const { POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number
  if (typeof value === 'number') {
    if (value < bound('minimum', least) || value > bound('maximum', most)) return false
    if (value <= bound('exclusiveMinimum', least) || value >= bound('exclusiveMaximum', most)) return false
    const ratio = value / bound('multipleOf', 1)
    if (schema.multipleOf !== undefined && Math.abs(ratio - Math.round(ratio)) > 1e-9 * Math.abs(ratio))
      return false
  }
  if (typeof value === 'string') {
    const length = Array.from(value).length
    if (length < bound('minLength', 0) || length > bound('maxLength', most)) return false
    if (schema.pattern !== undefined && !new RegExp(String(schema.pattern), 'u').test(value)) return false
  }
  if (Array.isArray(value)) {
    if (value.length < bound('minItems', 0) || value.length > bound('maxItems', most)) return false
    const prefix = list('prefixItems')
    return value.every((item, i) => inner(prefix[i] ?? schema.items ?? true, item))
  }
  if (typeof value === 'object' && value !== null) {
    const properties = (schema.properties ?? {}) as Record<string, unknown>
    if (!list('required').every((name) => Object.hasOwn(value, String(name)))) return false
    return Object.entries(value).every(
      ([name, item]) =>
        inner(schema.propertyNames ?? true, name) &&
        inner(
          Object.hasOwn(properties, name) ? properties[name] : (schema.additionalProperties ?? true),
          item,
        ),
    )
  }
  return true
}

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 8 },
    age: { type: 'integer', minimum: 0, maximum: 130 },
    tags: { type: 'array', items: { enum: ['a', 'b', '日本'] }, minItems: 1, maxItems: 3 },
  },
  required: ['age'],
  additionalProperties: false,
}
const tree = {
  $defs: {
    node: {
      type: 'object',
      properties: {
        value: { type: ['integer', 'null'] },
        next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
      },
      required: ['value', 'next'],
      additionalProperties: false,
    },
  },
  $ref: '#/$defs/node',
}
const shape = {
  oneOf: [
    {
      type: 'object',
      properties: { kind: { const: 'circle' }, r: { type: 'number' } },
      required: ['kind', 'r'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { kind: { const: 'square' }, side: { type: 'number', exclusiveMinimum: 0 } },
      required: ['kind', 'side'],
      additionalProperties: false,
    },
    { type: 'string' },
  ],
}

/** Schemas with values near to what they describe. Properties stand in the schema's order. */
const schemas: readonly (readonly [string, Schema, readonly unknown[]])[] = [
  [
    'anything',
    true,
    [1, -2.5e-7, 1e21, 1e300, 5e-324, 'x"\\\n\u2028🙂', [], {}, [[{}]], { a: { b: null } }, true],
  ],
  [
    'person',
    person,
    [
      { age: 3 },
      { name: 'é🙂', age: 130 },
      { age: 131 },
      { name: 'a' },
      { name: '', age: 1 },
      { age: 0, tags: ['a', '日本'] },
      { age: 1, tags: [] },
      { age: 1, x: 2 },
      { age: 1.5 },
    ],
  ],
  [
    'tree',
    tree,
    [
      { value: 1, next: null },
      { value: null, next: { value: -2, next: null } },
      { value: 1 },
      { value: 1, next: 2 },
    ],
  ],
  [
    'shape',
    shape,
    [
      { kind: 'circle', r: -1.5 },
      { kind: 'square', side: 0.001 },
      { kind: 'square', side: 0 },
      'circle',
      { kind: 'circle', side: 1 },
    ],
  ],
  [
    'open object',
    {
      type: 'object',
      properties: { a: { type: 'integer' }, ab: { type: 'string' } },
      required: ['ab'],
      additionalProperties: { type: 'boolean' },
    },
    [
      { ab: 'x' },
      { a: 1, ab: '' },
      { ab: '', b: true, abc: false },
      { ab: '', b: 1 },
      { a: 1 },
      { ab: 'x', '': true },
    ],
  ],
  [
    'map',
    { type: 'object', propertyNames: { pattern: '^[a-f]{1,3}$' }, additionalProperties: { type: 'integer' } },
    [{}, { a: 1, abc: 2 }, { abcd: 1 }, { g: 1 }, { a: 'x' }],
  ],
  [
    'record of names',
    {
      type: 'object',
      propertyNames: { type: 'string', enum: ['foo', 'bar'] },
      additionalProperties: { type: 'null' },
      required: ['foo'],
    },
    [{ foo: null }, { foo: null, bar: null }, { bar: null }, { foo: 1 }, { foo: null, baz: null }],
  ],
  [
    'tuple',
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 1 },
    [['a'], ['a', 1], [], [1], ['a', 1, 2]],
  ],
  [
    'open tuple',
    {
      type: 'array',
      prefixItems: [{ type: 'boolean' }],
      items: { type: 'integer' },
      minItems: 2,
      maxItems: 3,
    },
    [[true, 1], [true, 1, 2], [true], [true, true], [true, 1, 2, 3]],
  ],
  [
    'pattern and length',
    { type: 'string', pattern: 'a\\d|^é', minLength: 2, maxLength: 6 },
    ['a1', 'xa1y', 'é', 'éé', 'xyz', 'a12345', 'a123456', 'a"1'],
  ],
  [
    'two patterns',
    { allOf: [{ type: 'string', pattern: 'a' }, { pattern: 'b' }, { maxLength: 3 }] },
    ['ab', 'ba', 'aab', 'aabb', 'aa', 1],
  ],
  ['lookahead', { type: 'string', pattern: '^(?!.*\\.\\.)(?!\\.)[a-z.]+$' }, ['a.b', 'a..b', '.a', 'a.', '']],
  ['type by keyword', { minLength: 2, minimum: 3 }, ['a', 'ab', 2, 3, null, []]],
  [
    'reference with siblings',
    { $defs: { a: { type: 'integer', minimum: 2 } }, $ref: '#/$defs/a', maximum: 4, description: 'x' },
    [1, 2, 4, 5],
  ],
  [
    'alternatives beside properties',
    {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
      additionalProperties: false,
    },
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }, {}],
  ],
  [
    'constants',
    { enum: [1, 'a"b', null, [1, { x: [] }], { 'k\n': true }] },
    [1, 'a"b', null, [1, { x: [] }], { 'k\n': true }, 2, 'ab', [1]],
  ],
  ['constants of a type', { type: ['string', 'integer'], enum: [1, 1.5, 'a', null] }, [1, 1.5, 'a', null]],
  [
    'multiples',
    { type: 'integer', multipleOf: 7, minimum: -20, maximum: 100 },
    [-21, -14, -7, 0, 7, 98, 99, 105],
  ],
  ['cents', { type: 'number', multipleOf: 0.01 }, [0.25, 1, -3.5, 0.125]],
  ['whole numbers that are numbers', { type: 'number', multipleOf: 5 }, [0, 5, -10, 7.5]],
  [
    'root reference',
    { type: 'object', properties: { foo: { $ref: '#' } }, additionalProperties: false },
    [{}, { foo: {} }, { foo: { foo: {} } }, { foo: 1 }],
  ],
  ['escaped pointers', { $defs: { 'a/b~': { const: 1 } }, $ref: '#/$defs/a~1b~0' }, [1, 2]],
  [
    'forbidden property',
    { type: 'object', properties: { a: false, b: true }, additionalProperties: false },
    [{}, { a: 1 }, { b: 1 }],
  ],
]

describe('JSON schemas', () => {
  test.each(schemas)('%s: random texts meet it, and values that meet it are allowed', (_, schema, values) => {
    const grammar = jsonSchemaGrammar(schema)
    for (const value of values)
      for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)])
        expect(allows(grammar, text), text).toBe(meets(schema, value))
    for (const text of randomTexts(grammar, 20, { length: 25 }))
      expect(meets(schema, JSON.parse(text)), text).toBe(true)
  })

  test('without whitespace only JSON.stringify without an indentation', () => {
    const grammar = jsonSchemaGrammar(person, { whitespace: 'none' })
    const value = { age: 3, tags: ['a', 'b'] }
    expect(allows(grammar, JSON.stringify(value))).toBe(true)
    expect(allows(grammar, JSON.stringify(value, null, 1))).toBe(false)
  })

  test('free strings may escape what they like, in halves too', () => {
    const grammar = jsonSchemaGrammar({ type: 'string', maxLength: 1 })
    for (const text of ['"\\u0041"', '"\\/"', '"\\ud83d\\ude42"', '""'])
      expect(allows(grammar, text), text).toBe(true)
    for (const text of ['"\\ud83d"', '"\\u004"', '"ab"', '"\n"'])
      expect(allows(grammar, text), text).toBe(false)
  })

  test('ranges of numbers: each number of a list is allowed as comparing says', () => {
    const numbers = [
      -1000.5, -100, -99.99, -10, -9.5, -1, -0.51, -0.5, -0.05, 0, 0.05, 0.5, 0.51, 1, 9, 9.5, 10, 11, 99.99,
      100, 123.456, 1000,
    ]
    const ranges: NumberRange[] = [
      { min: 0 },
      { max: 0 },
      { min: -0.5, max: 10 },
      { min: 0.5, max: 0.51 },
      { min: -100, max: -0.5, isBelow: true },
      { min: -9.5, isAbove: true },
      { max: 123.456, isBelow: true },
      { min: 9.5, max: 100, isAbove: true, isBelow: true },
      { min: -10, max: 1000 },
      { min: 99.99 },
      { max: -1 },
      { min: 0, isAbove: true },
      { max: 0, isBelow: true },
    ]
    for (const { min, max, isAbove = false, isBelow = false } of ranges) {
      const schema = {
        type: 'number',
        ...(min !== undefined && { [isAbove ? 'exclusiveMinimum' : 'minimum']: min }),
        ...(max !== undefined && { [isBelow ? 'exclusiveMaximum' : 'maximum']: max }),
      }
      const grammar = jsonSchemaGrammar(schema)
      for (const value of numbers)
        expect(allows(grammar, String(value)), `${value} in ${JSON.stringify(schema)}`).toBe(
          meets(schema, value),
        )
      for (const text of randomTexts(grammar, 8, { length: 6 }))
        expect(meets(schema, JSON.parse(text)), text).toBe(true)
    }
  })

  test('ranges of whole numbers, all of them', () => {
    for (const [min, max] of [
      [-12, 113],
      [7, 7],
      [95, 1002],
      [-1000, -98],
    ] as const) {
      const grammar = {
        root: 'root',
        rules: new Map([['root', expressionOf(integerRange({ min, max }), 'test')]]),
      }
      for (let value = -1010; value <= 1010; value += 1) {
        if (value % 7 !== 0 && Math.abs(value - min) > 2 && Math.abs(value - max) > 2) continue
        expect(allows(grammar, String(value)), String(value)).toBe(value >= min && value <= max)
      }
      expect(allows(grammar, '-0')).toBe(false)
    }
  })

  test.each([
    ['date', ['2024-02-29', '2000-02-29'], ['2023-02-29', '1900-02-29', '2024-04-31', '2024-13-01']],
    ['time', ['23:59:59Z', '00:00:00.123+05:30'], ['24:00:00Z', '12:00:00']],
    ['date-time', ['2024-01-31T12:00:00Z'], ['2024-01-31 12:00:00Z']],
    ['duration', ['P1Y2M3DT4H5M6S', 'PT5M', 'P2W'], ['P', 'P1YT', '1Y', 'P1S']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567e89b12d3a456426614174000']],
    ['email', ['a.b+c@example.com'], ['a@b', '.a@b.c', 'a..b@c.de']],
    ['hostname', ['a-b.example'], ['-a.b', 'a..b']],
    ['ipv4', ['255.0.10.199'], ['256.0.0.1', '1.2.3']],
    [
      'ipv6',
      ['::', '::1', '2001:db8::8a2e:370:7334', '1:2:3:4:5:6:7:8', '1::'],
      ['1:2:3', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9'],
    ],
    ['uri', ['https://example.com/a/b?x=1#y', 'http://a'], ['example.com', 'https://', 'https://a b']],
  ])('format %s', (format, good, bad) => {
    const grammar = jsonSchemaGrammar({ type: 'string', format })
    for (const text of good) expect(allows(grammar, JSON.stringify(text)), text).toBe(true)
    for (const text of bad) expect(allows(grammar, JSON.stringify(text)), text).toBe(false)
  })

  test('libraries that make schemas are asked for them', () => {
    const asMethod = { toJSONSchema: () => ({ const: 1 }) }
    const standard = { '~standard': { vendor: 'x', jsonSchema: { output: () => ({ const: 1 }) } } }
    for (const maker of [asMethod, standard]) expect(allows(jsonSchemaGrammar(maker), '1')).toBe(true)
    expect(() => jsonSchemaGrammar({ '~standard': {}, _zod: {} })).toThrow('z.toJSONSchema(schema)')
  })
})

describe('schemas that cannot be met are refused before anything runs', () => {
  test.each<readonly [string, unknown]>([
    ['#: no number is at least 3 and at most 2', { type: 'integer', minimum: 3, maximum: 2 }],
    ['#: no number is above 2 and at most 2', { type: 'number', exclusiveMinimum: 2, maximum: 2 }],
    ['#: no number is within these bounds', { type: 'integer', minimum: 2.1, maximum: 2.9 }],
    ['#: no number is within these bounds', { type: 'integer', minimum: 8, maximum: 13, multipleOf: 7 }],
    [
      '#/properties/a: minLength 3 is greater than maxLength 2',
      { properties: { a: { type: 'string', minLength: 3, maxLength: 2 } }, type: 'object' },
    ],
    ['#: no string has these pattern and lengths', { type: 'string', pattern: '^a{5}$', maxLength: 4 }],
    ['#: no value is allowed', { enum: [] }],
    ['#: no value is allowed', { type: 'string', enum: [1, 2] }],
    [
      "#: the property 'b' is required and forbidden",
      { type: 'object', required: ['b'], properties: { a: true }, additionalProperties: false },
    ],
    [
      "#: the property 'a' is required and forbidden",
      { type: 'object', required: ['a'], properties: { a: false } },
    ],
    [
      "#: the property 'x' is required and forbidden",
      { type: 'object', required: ['x'], propertyNames: { pattern: '^a' } },
    ],
    [
      '#: minItems 3 is greater than the 2 items that are allowed',
      { type: 'array', minItems: 3, maxItems: 2 },
    ],
    [
      '#: minItems 2 is greater than the 1 items that are allowed',
      { type: 'array', minItems: 2, prefixItems: [true], items: false },
    ],
    [
      '#/$defs/node: only an endless value meets it',
      {
        $defs: {
          node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] },
        },
        $ref: '#/$defs/node',
      },
    ],
    [
      "the reference '#/$defs/a' leads to itself",
      {
        $defs: { a: { $ref: '#/$defs/b', minimum: 1 }, b: { $ref: '#/$defs/a', minimum: 1 } },
        $ref: '#/$defs/a',
        maximum: 2,
      },
    ],
    ['#: no value meets it', false],
    ['#/anyOf: no alternatives', { anyOf: [] }],
    ['#: no type is left', { allOf: [{ type: 'string' }, { type: 'number' }] }],
    ['#: no schema but 3', 3],
  ])('%s', (message, schema) => {
    expect(() => jsonSchemaGrammar(schema)).toThrow(message)
  })

  test.each<readonly [string, unknown]>([
    ["#: the keyword 'uniqueItems' is not supported", { type: 'array', uniqueItems: true }],
    [
      "#/properties/a: the keyword 'if' is not supported",
      { type: 'object', properties: { a: { if: true } } },
    ],
    ["#/format: 'phone' is none of", { type: 'string', format: 'phone' }],
    ['the reference "other.json" leads out of the schema', { $ref: 'other.json' }],
    ["the reference '#/$defs/x' leads nowhere", { $ref: '#/$defs/x' }],
    ['alternatives 0 and 1 may both hold', { oneOf: [{ type: 'string' }, { type: 'string', minLength: 3 }] }],
    ['#/multipleOf: 0.3 is not supported', { type: 'number', multipleOf: 0.3 }],
    ['no type "text"', { type: 'text' }],
    ['\\1', { type: 'string', pattern: '(a)\\1' }],
    ["two different 'multipleOf'", { allOf: [{ type: 'integer', multipleOf: 2 }, { multipleOf: 3 }] }],
    [
      "'additionalProperties' of one schema beside 'properties' of another",
      {
        allOf: [
          { type: 'object', properties: { a: true }, additionalProperties: false },
          { properties: { b: true } },
        ],
      },
    ],
    ['Did you mean whitespace', undefined],
  ])('what is not supported is named: %s', (message, schema) => {
    const options = (schema === undefined ? { whiteSpace: 'none' } : {}) as JsonSchemaOptions
    expect(() => jsonSchemaGrammar(schema ?? true, options)).toThrow(message)
  })

  test('all at once', () => {
    const schema = {
      type: 'object',
      properties: { a: { enum: [] }, b: { not: true }, c: { type: 'integer', minimum: 1, maximum: 0 } },
    }
    expect(() => jsonSchemaGrammar(schema)).toThrow(
      /properties\/a: no value.*properties\/b: the keyword 'not'.*properties\/c: no number/,
    )
  })
})

test('a deeper level of the same text costs no new walk through the vocabulary', () => {
  const constraint = new Constraint(jsonSchemaGrammar(tree), vocabulary)
  let state = constraint.start()
  for (let level = 0; level < 50; level++)
    for (const byte of new TextEncoder().encode('{"value":1,"next":')) {
      expect(state.mask().has(byte)).toBe(true)
      state = state.advance(byte)
    }
  expect(state.mask().has('{'.charCodeAt(0))).toBe(true)
})
