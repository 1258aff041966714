/** A value as errors print it: with its kind where that is not plain to see. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value === 'bigint') return `the bigint ${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Date)
    return `the date ${Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()}`
  if (typeof (value as Partial<PromiseLike<unknown>>).then === 'function') return 'a promise'
  const { constructor: made } = value
  return typeof made !== 'function' || made === Object
    ? `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`
    : `an object of the class ${made.name}`
}
