/** A JSON schema that is an object, as it was parsed. */
export type Schema = Readonly<Record<string, unknown>>

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keywords that say nothing about which values are valid. */
const annotations = new Set([
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$schema',
  '$id',
  'id',
  '$defs',
  'definitions',
])
export const isAnnotation = (keyword: string): boolean => annotations.has(keyword) || keyword.startsWith('x-')

export const typesOf = (type: unknown): readonly string[] =>
  (Array.isArray(type) ? type : [type]).filter((one): one is string => typeof one === 'string')

/** Whether a type is among others: whole numbers are numbers. */
export const hasType = (types: readonly string[], type: string): boolean =>
  types.includes(type) || (type === 'integer' && types.includes('number'))

/** Types that two lists share. */
export const sharedTypes = (a: readonly string[], b: readonly string[]): string[] => [
  ...new Set([...a.filter((type) => hasType(b, type)), ...b.filter((type) => hasType(a, type))]),
]

export const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

type Combine = (a: unknown, b: unknown) => unknown

const higher: Combine = (a, b) => Math.max(Number(a), Number(b))
const lower: Combine = (a, b) => Math.min(Number(a), Number(b))

/** Keywords of two schemas that both have to hold, as one. */
const combinations: Readonly<Record<string, Combine>> = {
  minimum: higher,
  exclusiveMinimum: higher,
  minLength: higher,
  minItems: higher,
  maximum: lower,
  exclusiveMaximum: lower,
  maxLength: lower,
  maxItems: lower,
  type: (a, b) => sharedTypes(typesOf(a), typesOf(b)),
  required: (a, b) => [...new Set([...(a as readonly unknown[]), ...(b as readonly unknown[])])],
  enum: (a, b) =>
    (a as readonly unknown[]).filter((one) =>
      (b as readonly unknown[]).some((other) => sameJson(one, other)),
    ),
  items: (a, b) => ({ allOf: [a, b] }),
  properties: (a, b) => {
    const [first, second] = [a as Schema, b as Schema]
    const names = [...new Set([...Object.keys(first), ...Object.keys(second)])]
    return Object.fromEntries(
      names.map((name) => {
        const both = Object.hasOwn(first, name) && Object.hasOwn(second, name)
        return [name, both ? { allOf: [first[name], second[name]] } : (first[name] ?? second[name])]
      }),
    )
  },
  pattern: (a, b) => [a, b].flat(),
}

/**
 * One schema that says what two say.
 *
 * @param refuse is told of keywords that cannot be combined.
 */
export function mergeSchemas(a: Schema, b: Schema, refuse: (what: string) => void): Schema {
  const merged: Record<string, unknown> = { ...a }
  for (const [keyword, value] of Object.entries(b)) {
    const mine = merged[keyword]
    if (mine === undefined) merged[keyword] = value
    else if (isAnnotation(keyword) || sameJson(mine, value)) continue
    else if (combinations[keyword] !== undefined) merged[keyword] = combinations[keyword](mine, value)
    else refuse(`two different '${keyword}' that both have to hold`)
  }
  // Additional properties are those that the keyword's own schema does not name.
  const names = (schema: Schema): string =>
    Object.keys((schema.properties ?? {}) as object)
      .sort()
      .join()
  const isOpen = (schema: Schema): boolean =>
    schema.additionalProperties === undefined || schema.additionalProperties === true
  if ((!isOpen(a) || !isOpen(b)) && names(a) !== names(b) && names(a) !== '' && names(b) !== '')
    refuse("'additionalProperties' of one schema beside 'properties' of another")
  else if ((!isOpen(a) && names(a) !== names(merged)) || (!isOpen(b) && names(b) !== names(merged)))
    refuse("'additionalProperties' of one schema beside 'properties' of another")
  return merged
}
