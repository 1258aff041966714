import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import {
  choice,
  type Expression,
  empty,
  type Grammar,
  never,
  optional,
  repeat,
  rule,
  sequence,
  text,
} from './expression.ts'
import { encodedInJson, inString, jsonRules, quoted } from './json-text.ts'
import {
  hasType,
  isAnnotation,
  isSchema,
  mergeSchemas,
  type Schema,
  sameJson,
  sharedTypes,
  typesOf,
} from './merge-schemas.ts'
import { decimalRange, decimals, integerRange, type NumberRange } from './number-range.ts'
import { regularOf } from './regex.ts'
import { acceptsNothing, any, anything, both, expressionOf, machineOf, not, type Regular } from './regular.ts'
import { stringFormats } from './string-formats.ts'

export interface JsonSchemaOptions {
  /**
   * `'free'`: one space, or a line's end and an indentation, where JSON.stringify may write them. `'none'`: none, as
   * JSON.stringify writes without an indentation. Default `'free'`.
   */
  readonly whitespace?: 'free' | 'none'
}

const optionChecks = optionsOf<JsonSchemaOptions>()({ whitespace: checks.oneOf('free', 'none') })

/**
 * JSON texts that a schema describes (JSON Schema 2020-12), as JSON.stringify writes them: properties in the schema's
 * order, additional ones behind them; strings with a pattern, a format, or known values without needless escapes; numbers
 * with at most 21 digits before the point and 23 behind it.
 *
 * Supported are `type`, `enum`, `const`, `anyOf`, `oneOf` whose alternatives exclude each other, `allOf`, `$ref` within the
 * schema (recursive too), `properties`, `required`, `additionalProperties`, `propertyNames`, `items`, `prefixItems`,
 * `minItems`, `maxItems`, `minLength`, `maxLength`, `pattern`, `format` (date, time, date-time, duration, uuid, email,
 * hostname, ipv4, ipv6, uri; beside a pattern it says nothing more), `minimum`, `maximum`, `exclusiveMinimum`,
 * `exclusiveMaximum`, and `multipleOf` of whole numbers and of 0.1, 0.01, ….
 *
 * @param schema a JSON schema, or an object that makes one: a schema of zod, or of another library of the Standard JSON
 * Schema interface.
 * @throws ArgumentError for a schema that no value meets, and for keywords that are not supported, all at once, each with
 * its place.
 * @example
 * const grammar = jsonSchemaGrammar({
 *   type: 'object',
 *   properties: { city: { type: 'string' }, celsius: { type: 'integer', minimum: -90, maximum: 60 } },
 *   required: ['city', 'celsius'],
 *   additionalProperties: false,
 * })
 */
export function jsonSchemaGrammar(schema: unknown, options: JsonSchemaOptions = {}): Grammar {
  checkOptions('jsonSchemaGrammar', options, optionChecks)
  return new Compiler(plainSchema(schema), options.whitespace ?? 'free').grammar()
}

interface MakesSchema {
  readonly toJSONSchema?: () => unknown
  readonly '~standard'?: {
    readonly jsonSchema?: { readonly output?: (options: { readonly target: string }) => unknown }
  }
}

/** What libraries' schemas make, or a JSON schema as it is. */
function plainSchema(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given
  const maker = given as MakesSchema
  if (typeof maker.toJSONSchema === 'function') return maker.toJSONSchema()
  const output = maker['~standard']?.jsonSchema?.output
  if (output !== undefined) return output({ target: 'draft-2020-12' })
  if ('~standard' in given || '_zod' in given)
    throw new ArgumentError({
      where: 'jsonSchemaGrammar',
      expected: 'a JSON schema, or an object that makes one',
      received: "a library's schema that does not",
      fix: 'Convert it first: jsonSchemaGrammar(z.toJSONSchema(schema)).',
    })
  return given
}

const allTypes = ['string', 'number', 'object', 'array', 'boolean', 'null'] as const
const knownTypes: readonly string[] = [...allTypes, 'integer']

/** Keywords by the types that they say something of. */
const keywords = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  object: ['properties', 'required', 'additionalProperties', 'propertyNames'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
} as const
const combining = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref']
const known = new Set<string>([...Object.values(keywords).flat(), ...combining])

class Compiler {
  readonly #document: unknown
  readonly #rules = new Map<string, Expression>(Object.entries(jsonRules))
  /** What is wrong, by place: a schema that is used twice is wrong once. */
  readonly #issues = new Set<string>()
  readonly #references = new Map<string, string>()
  /** References that are being resolved into something else. */
  readonly #resolving: string[] = []

  constructor(document: unknown, whitespace: 'free' | 'none') {
    this.#document = document
    const indentation = sequence(
      repeat(text('\n'), 1, 2),
      repeat(
        {
          kind: 'characters',
          set: [
            [9, 9],
            [32, 32],
          ],
        },
        0,
        20,
      ),
    )
    this.#rules.set('space', whitespace === 'none' ? empty : optional(choice(text(' '), indentation)))
    this.#rules.set('comma', sequence(text(','), rule('space')))
    this.#rules.set('object', this.#braces(this.#list(this.#pair(rule('string'), rule('value')), 0)))
    this.#rules.set('array', this.#brackets(this.#list(rule('value'), 0)))
  }

  grammar(): Grammar {
    const root = this.#compile(this.#document, '#')
    this.#rules.set('root', root)
    if (this.#issues.size === 0) this.#findEndless()
    if (this.#issues.size === 0 && !this.#canEnd(root, this.#ending()))
      this.#issues.add('#: no value meets it')
    if (this.#issues.size > 0)
      throw new ArgumentError({
        where: 'jsonSchemaGrammar',
        expected: 'a JSON schema that values can meet, of keywords that are supported',
        received: [...this.#issues].join('; '),
      })
    return { root: 'root', rules: this.#rules }
  }

  #wrong(path: string, what: string): Expression {
    this.#issues.add(`${path}: ${what}`)
    return never
  }

  /** Rules that have a finite text. */
  #ending(): Set<string> {
    const good = new Set<string>()
    for (let before = -1; before < good.size; ) {
      before = good.size
      for (const [name, expression] of this.#rules)
        if (!good.has(name) && this.#canEnd(expression, good)) good.add(name)
    }
    return good
  }

  #canEnd(expression: Expression, good: ReadonlySet<string>): boolean {
    switch (expression.kind) {
      case 'sequence':
        return expression.items.every((item) => this.#canEnd(item, good))
      case 'choice':
        return expression.options.some((option) => this.#canEnd(option, good))
      case 'repeat':
        return expression.min === 0 || this.#canEnd(expression.item, good)
      case 'rule':
        return good.has(expression.name)
      case 'machine':
        return !acceptsNothing(expression.machine)
      case 'characters':
        return expression.set.length > 0
      case 'text':
        return true
    }
  }

  #findEndless(): void {
    const good = this.#ending()
    for (const [pointer, name] of this.#references)
      if (!good.has(name)) this.#wrong(pointer, 'only an endless value meets it, as it needs itself')
  }

  #compile(schema: unknown, path: string): Expression {
    if (schema === true) return rule('value')
    if (schema === false) return never
    if (!isSchema(schema)) return this.#wrong(path, `no schema but ${JSON.stringify(schema)}`)
    const unknown = Object.keys(schema).filter((keyword) => !known.has(keyword) && !isAnnotation(keyword))
    for (const keyword of unknown) this.#wrong(path, `the keyword '${keyword}' is not supported`)
    const said = Object.keys(schema).filter((keyword) => known.has(keyword))
    if (said.length === 0) return rule('value')
    if (schema.$ref !== undefined && said.length === 1) return this.#reference(schema.$ref, path)
    if (schema.$ref !== undefined || schema.allOf !== undefined)
      return this.#compile(this.#combined(schema, path), path)
    for (const keyword of ['anyOf', 'oneOf'] as const)
      if (schema[keyword] !== undefined) return this.#alternatives(schema, keyword, path)
    if (schema.enum !== undefined || schema.const !== undefined) return this.#values(schema, path)
    const types = this.#types(schema, path)
    return choice(...types.map((type) => this.#typed(type, schema, path)))
  }

  #types(schema: Schema, path: string): readonly string[] {
    if (schema.type === undefined) return allTypes
    const types = typesOf(schema.type)
    const wrong = [schema.type].flat().filter((type) => !knownTypes.includes(type as string))
    for (const type of wrong) this.#wrong(path, `no type ${JSON.stringify(type)}`)
    if (types.length === 0 && wrong.length === 0) this.#wrong(path, 'no type is left')
    // A whole number is a number: both would read the same text.
    return types.includes('number') ? types.filter((type) => type !== 'integer') : types
  }

  #typed(type: string, schema: Schema, path: string): Expression {
    switch (type) {
      case 'string':
        return this.#string(schema, path)
      case 'number':
      case 'integer':
        return this.#number(type, schema, path)
      case 'object':
        return this.#object(schema, path)
      case 'array':
        return this.#array(schema, path)
      case 'boolean':
      case 'null':
        return rule(type)
      default:
        return never
    }
  }

  /** The schema that a pointer into the document means. */
  #resolve(pointer: unknown, path: string): unknown {
    if (typeof pointer !== 'string' || !(pointer === '#' || pointer.startsWith('#/'))) {
      this.#wrong(path, `the reference ${JSON.stringify(pointer)} leads out of the schema`)
      return true
    }
    let found: unknown = this.#document
    for (const part of pointer.split('/').slice(1)) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      const isThere =
        (isSchema(found) && Object.hasOwn(found, name)) || (Array.isArray(found) && Number(name) in found)
      if (!isThere) {
        this.#wrong(path, `the reference '${pointer}' leads nowhere`)
        return true
      }
      found = (found as Schema)[name]
    }
    return found
  }

  #reference(pointer: unknown, path: string): Expression {
    const target = this.#resolve(pointer, path)
    const key = String(pointer)
    const known = this.#references.get(key)
    if (known !== undefined) return rule(known)
    const name = `schema ${key}`
    this.#references.set(key, name)
    // Refers to itself by name while it is made.
    this.#rules.set(name, this.#compile(target, key))
    return rule(name)
  }

  /** A schema with its `$ref` and its `allOf` put into it. */
  #combined(schema: Schema, path: string): unknown {
    const { $ref, allOf = [], ...own } = schema
    const parts: unknown[] = [...(Array.isArray(allOf) ? allOf : [])]
    if (!Array.isArray(allOf) || (schema.allOf !== undefined && allOf.length === 0))
      this.#wrong(`${path}/allOf`, 'no schemas')
    if (parts.length === 1 && $ref === undefined && Object.keys(own).every(isAnnotation)) return parts[0]
    if ($ref !== undefined) parts.unshift({ $ref })
    return parts.reduce<unknown>((merged, part, i) => {
      const flat = this.#flat(part, `${path}/allOf/${i}`)
      if (merged === false || flat === false) return false
      if (flat === true || merged === true) return flat === true ? merged : flat
      return mergeSchemas(merged as Schema, flat, (what) => this.#wrong(path, what))
    }, own)
  }

  /** A schema without `$ref` and `allOf` at its top. */
  #flat(schema: unknown, path: string): Schema | boolean {
    if (typeof schema === 'boolean') return schema
    if (!isSchema(schema)) {
      this.#wrong(path, 'no schema')
      return true
    }
    if (schema.$ref === undefined && schema.allOf === undefined) return schema
    if (this.#resolving.includes(String(schema.$ref)) && schema.$ref !== undefined) {
      this.#wrong(path, `the reference '${String(schema.$ref)}' leads to itself`)
      return true
    }
    this.#resolving.push(String(schema.$ref))
    const { $ref, ...rest } = schema
    const target = $ref === undefined ? [] : [this.#resolve($ref, path)]
    const flat = this.#combined({ ...rest, allOf: [...target, ...((rest.allOf as unknown[]) ?? [])] }, path)
    const done = this.#flat(flat, path)
    this.#resolving.pop()
    return done
  }

  #alternatives(schema: Schema, keyword: 'anyOf' | 'oneOf', path: string): Expression {
    const { [keyword]: given, ...own } = schema
    const place = `${path}/${keyword}`
    if (!Array.isArray(given) || given.length === 0) return this.#wrong(place, 'no alternatives')
    const isAlone = Object.keys(own).every(isAnnotation)
    const options = given.map((option: unknown, i) => {
      if (isAlone) return option
      const flat = this.#flat(option, `${place}/${i}`)
      if (typeof flat === 'boolean') return flat && own
      return mergeSchemas(own, flat, (what) => this.#wrong(`${place}/${i}`, what))
    })
    if (keyword === 'oneOf')
      options.forEach((option, i) => {
        for (let j = 0; j < i; j++)
          if (!this.#exclude(options[j], option, 0))
            this.#wrong(
              place,
              `alternatives ${j} and ${i} may both hold; say anyOf, or give them different types, or a property of different constants`,
            )
      })
    const made = options.map((option, i) => this.#compile(option, `${place}/${i}`))
    return choice(...made.filter((option) => option !== never))
  }

  /** Whether no value meets both, as far as types and constants tell. */
  #exclude(a: unknown, b: unknown, depth: number): boolean {
    if (a === false || b === false) return true
    if (a === true || b === true || depth > 4) return false
    const [first, second] = [this.#flat(a, '#'), this.#flat(b, '#')]
    if (typeof first === 'boolean' || typeof second === 'boolean') return false
    const [mine, other] = [constants(first), constants(second)]
    if (mine !== undefined && other !== undefined)
      return !mine.some((one) => other.some((two) => sameJson(one, two)))
    const types = (schema: Schema): readonly string[] =>
      schema.type !== undefined
        ? typesOf(schema.type)
        : [...new Set(constants(schema)?.map(typeOfValue) ?? allTypes)]
    const shared = sharedTypes(types(first), types(second))
    if (shared.length === 0) return true
    if (shared.some((type) => type !== 'object')) return false
    const required = ((first.required as readonly string[]) ?? []).filter((name) =>
      ((second.required as readonly string[]) ?? []).includes(name),
    )
    return required.some((name) =>
      this.#exclude(
        (first.properties as Schema | undefined)?.[name] ?? true,
        (second.properties as Schema | undefined)?.[name] ?? true,
        depth + 1,
      ),
    )
  }

  /** Values that are listed. */
  #values(schema: Schema, path: string): Expression {
    const others = Object.keys(schema).filter(
      (keyword) => known.has(keyword) && !['enum', 'const', 'type'].includes(keyword),
    )
    if (others.length > 0)
      this.#wrong(path, `${others.map((one) => `'${one}'`).join(', ')} beside 'enum' or 'const'`)
    if (schema.enum !== undefined && !Array.isArray(schema.enum))
      return this.#wrong(`${path}/enum`, 'no list of values')
    const types = schema.type === undefined ? undefined : this.#types(schema, path)
    const values = (constants(schema) ?? []).filter(
      (value) => types === undefined || hasType(types, typeOfValue(value)),
    )
    if (values.length === 0) return this.#wrong(path, 'no value is allowed')
    return choice(...values.map((value) => this.#value(value)))
  }

  /** One value, in the form that JSON.stringify gives it. */
  #value(value: unknown): Expression {
    if (Array.isArray(value)) return this.#brackets(this.#joined(value.map((item) => this.#value(item))))
    if (isSchema(value)) {
      const pairs = Object.entries(value).map(([name, item]) => this.#pair(key(name), this.#value(item)))
      return this.#braces(this.#joined(pairs))
    }
    return text(JSON.stringify(value))
  }

  #joined(items: readonly Expression[]): Expression {
    return sequence(...items.flatMap((item, i) => (i === 0 ? [item] : [rule('comma'), item])))
  }

  #pair(name: Expression, value: Expression): Expression {
    return sequence(name, text(':'), rule('space'), value)
  }

  #braces(content: Expression): Expression {
    return sequence(text('{'), rule('space'), content, rule('space'), text('}'))
  }

  #brackets(content: Expression): Expression {
    return sequence(text('['), rule('space'), content, rule('space'), text(']'))
  }

  /** From `min` to `max` items with commas between. */
  #list(item: Expression, min: number, max = Number.POSITIVE_INFINITY): Expression {
    if (max === 0) return empty
    const some = sequence(item, repeat(sequence(rule('comma'), item), Math.max(min - 1, 0), max - 1))
    return min === 0 ? optional(some) : some
  }

  /** A keyword's value as a whole number from 0. */
  #count(schema: Schema, keyword: string, path: string, fallback: number): number {
    const value = schema[keyword]
    if (value === undefined) return fallback
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
    this.#wrong(`${path}/${keyword}`, `no whole number from 0 but ${JSON.stringify(value)}`)
    return fallback
  }

  /** What strings mean that the schema allows; undefined for all of them. */
  #content(schema: Schema, path: string): Regular | undefined {
    const min = this.#count(schema, 'minLength', path, 0)
    const max = this.#count(schema, 'maxLength', path, Number.POSITIVE_INFINITY)
    if (min > max) this.#wrong(path, `minLength ${min} is greater than maxLength ${max}`)
    const conditions: Regular[] = []
    const patterns = [schema.pattern ?? []].flat()
    for (const pattern of patterns) {
      try {
        const where = `${path}/pattern`
        conditions.push(regularOf(String(pattern), 'u', { isSearch: true, where }))
      } catch (error) {
        if (!(error instanceof ArgumentError)) throw error
        this.#issues.add(error.message)
      }
    }
    if (schema.format !== undefined && patterns.length === 0) {
      const source = stringFormats[String(schema.format)]
      if (source === undefined)
        this.#wrong(
          `${path}/format`,
          `'${String(schema.format)}' is none of ${Object.keys(stringFormats).join(', ')}`,
        )
      else conditions.push(regularOf(source, 'u', { isSearch: false, where: `${path}/format` }))
    }
    if (min > 0 || max < Number.POSITIVE_INFINITY) conditions.push({ kind: 'repeat', item: any, min, max })
    return conditions.length === 0 ? undefined : both(...conditions)
  }

  #string(schema: Schema, path: string): Expression {
    if (schema.pattern === undefined && schema.format === undefined) {
      const min = this.#count(schema, 'minLength', path, 0)
      const max = this.#count(schema, 'maxLength', path, Number.POSITIVE_INFINITY)
      if (min > max) return this.#wrong(path, `minLength ${min} is greater than maxLength ${max}`)
      if (min === 0 && max === Number.POSITIVE_INFINITY) return rule('string')
      return quoted(repeat(rule('character'), min, max))
    }
    const content = this.#content(schema, path)
    return content === undefined ? never : this.#written(content, path, 'pattern and lengths')
  }

  /** Strings that mean what a language has, in canonical form. */
  #written(content: Regular, path: string, what: string): Expression {
    const expression = expressionOf(content, path)
    const isEmpty =
      expression.kind === 'machine'
        ? acceptsNothing(expression.machine)
        : !this.#canEnd(expression, new Set())
    if (isEmpty) return this.#wrong(path, `no string has these ${what}`)
    return quoted(encodedInJson(expression))
  }

  #number(type: 'number' | 'integer', schema: Schema, path: string): Expression {
    const bound = (keyword: string): number | undefined => {
      const value = schema[keyword]
      if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
      this.#wrong(`${path}/${keyword}`, `no number but ${JSON.stringify(value)}`)
      return undefined
    }
    const [least, above] = [bound('minimum'), bound('exclusiveMinimum')]
    const [most, below] = [bound('maximum'), bound('exclusiveMaximum')]
    const isAbove = above !== undefined && (least === undefined || above >= least)
    const isBelow = below !== undefined && (most === undefined || below <= most)
    const [min, max] = [isAbove ? above : least, isBelow ? below : most]
    const range: NumberRange = {
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      isAbove,
      isBelow,
    }
    if (min !== undefined && max !== undefined && (min > max || (min === max && (isAbove || isBelow))))
      return this.#wrong(
        path,
        `no number is ${isAbove ? 'above' : 'at least'} ${min} and ${isBelow ? 'below' : 'at most'} ${max}`,
      )
    const step = bound('multipleOf')
    const isBounded = min !== undefined || max !== undefined
    if (step === undefined && !isBounded) return rule(type)
    if (step !== undefined && type === 'number' && !Number.isInteger(step)) {
      const places = -Math.log10(step)
      if (!Number.isInteger(places) || places < 1 || isBounded)
        return this.#wrong(
          `${path}/multipleOf`,
          `${step}${isBounded ? ' beside bounds' : ''} is not supported: only whole numbers, and 0.1, 0.01, … without bounds`,
        )
      return decimals(places)
    }
    if (step !== undefined && !(Number.isInteger(step) && step >= 1 && step <= 1000))
      return this.#wrong(`${path}/multipleOf`, `${step} is not supported: only whole numbers from 1 to 1000`)
    const language =
      type === 'integer' || step !== undefined ? integerRange(range, step ?? 1) : decimalRange(range)
    const machine = machineOf(language, path)
    if (acceptsNothing(machine)) return this.#wrong(path, 'no number is within these bounds')
    return { kind: 'machine', machine }
  }

  #array(schema: Schema, path: string): Expression {
    const prefix = schema.prefixItems === undefined ? [] : schema.prefixItems
    if (!Array.isArray(prefix)) return this.#wrong(`${path}/prefixItems`, 'no list of schemas')
    const min = this.#count(schema, 'minItems', path, 0)
    const isClosed = schema.items === false
    const most = this.#count(schema, 'maxItems', path, Number.POSITIVE_INFINITY)
    const max = isClosed ? Math.min(most, prefix.length) : most
    if (min > max)
      return this.#wrong(path, `minItems ${min} is greater than the ${max} items that are allowed`)
    const rest =
      isClosed || max <= prefix.length ? never : this.#compile(schema.items ?? true, `${path}/items`)
    if (prefix.length === 0) return this.#brackets(max === 0 ? empty : this.#list(rest, min, max))
    const first = prefix.slice(0, max)
    let tail: Expression =
      max > prefix.length
        ? repeat(sequence(rule('comma'), rest), Math.max(min - prefix.length, 0), max - prefix.length)
        : empty
    for (let i = first.length - 1; i >= 0; i--) {
      const item = this.#compile(first[i], `${path}/prefixItems/${i}`)
      const here = i === 0 ? sequence(item, tail) : sequence(rule('comma'), item, tail)
      tail = i < min ? here : optional(here)
    }
    return this.#brackets(tail)
  }

  #object(schema: Schema, path: string): Expression {
    const properties = schema.properties ?? {}
    const required = schema.required ?? []
    if (!isSchema(properties)) return this.#wrong(`${path}/properties`, 'no object of schemas')
    if (!Array.isArray(required)) return this.#wrong(`${path}/required`, 'no list of names')
    const additional = schema.additionalProperties ?? true
    // Names that are required but not described are additional ones.
    const names = [...new Set([...Object.keys(properties), ...required.map(String)])]
    const isAllowed = this.#nameTest(schema.propertyNames)
    const declared = names.flatMap((name) => {
      const isRequired = required.includes(name)
      const isDescribed = Object.hasOwn(properties, name)
      const place = isDescribed ? `${path}/properties/${name}` : `${path}/additionalProperties`
      const described = isDescribed ? properties[name] : additional
      if (described === false || !isAllowed(name)) {
        if (isRequired) this.#wrong(path, `the property '${name}' is required and forbidden`)
        return []
      }
      return [{ pair: this.#pair(key(name), this.#compile(described, place)), isRequired }]
    })
    const more = this.#additional(additional, schema.propertyNames, names, path)
    /** What may follow the i-th property, each with a comma before it. */
    const after: Expression[] = [more === undefined ? empty : repeat(sequence(rule('comma'), more), 0)]
    for (const { pair, isRequired } of [...declared].reverse()) {
      const next = sequence(rule('comma'), pair)
      const name = `properties ${this.#rules.size}`
      this.#rules.set(name, sequence(isRequired ? next : optional(next), after[0] as Expression))
      after.unshift(rule(name))
    }
    // The first property that is there: one of those up to the first that has to be.
    const first = declared.findIndex(({ isRequired }) => isRequired)
    const beginnings = declared
      .slice(0, first < 0 ? undefined : first + 1)
      .map(({ pair }, i) => sequence(pair, after[i + 1] as Expression))
    if (first < 0) beginnings.push(more === undefined ? empty : this.#list(more, 0))
    return this.#braces(choice(...beginnings))
  }

  /** Names and values of properties that are not described. */
  #additional(
    additional: unknown,
    propertyNames: unknown,
    names: readonly string[],
    path: string,
  ): Expression | undefined {
    if (additional === false) return undefined
    const value = this.#compile(additional, `${path}/additionalProperties`)
    const content = this.#nameContent(propertyNames, `${path}/propertyNames`)
    if (names.length === 0 && content === undefined) return this.#pair(rule('string'), value)
    const others = not({ kind: 'choice', options: names.map((name) => ({ kind: 'text', text: name })) })
    const language = both(content ?? anything, ...(names.length > 0 ? [others] : []))
    if (acceptsNothing(machineOf(language, path))) return undefined
    return this.#pair(quoted(encodedInJson(expressionOf(language, path))), value)
  }

  /** What names may be; undefined for all. */
  #nameContent(schema: unknown, path: string): Regular | undefined {
    if (schema === undefined || schema === true) return undefined
    const flat = this.#flat(schema, path)
    if (typeof flat === 'boolean') return flat ? undefined : { kind: 'choice', options: [] }
    const listed = constants(flat)
    if (listed !== undefined) {
      const options = listed.filter((one) => typeof one === 'string')
      return { kind: 'choice', options: options.map((one) => ({ kind: 'text', text: one })) }
    }
    const others = Object.keys(flat).filter(
      (keyword) => !isAnnotation(keyword) && ![...keywords.string, 'type'].includes(keyword),
    )
    for (const keyword of others) this.#wrong(path, `the keyword '${keyword}' is not supported`)
    return this.#content(flat, path)
  }

  /** Whether a name is allowed. */
  #nameTest(schema: unknown): (name: string) => boolean {
    if (!isSchema(schema)) return () => schema !== false
    const listed = constants(schema)
    const patterns = [schema.pattern ?? []].flat().map(String)
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
    return (name) => {
      const length = Array.from(name).length
      return (
        (listed?.includes(name) ?? true) &&
        length >= Number(minLength) &&
        length <= Number(maxLength) &&
        patterns.every((pattern) => new RegExp(pattern, 'u').test(name))
      )
    }
  }
}

const key = (name: string): Expression => text(`"${inString(name)}"`)

/** The values that a schema lists; undefined where it lists none. */
function constants(schema: Schema): readonly unknown[] | undefined {
  const listed = Array.isArray(schema.enum) ? (schema.enum as readonly unknown[]) : undefined
  if (!Object.hasOwn(schema, 'const')) return listed
  return listed === undefined || listed.some((one) => sameJson(one, schema.const)) ? [schema.const] : []
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
