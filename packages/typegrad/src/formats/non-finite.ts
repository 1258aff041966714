/**
 * JSON knows neither NaN nor the infinities, which logs of a training may hold. They are written as
 * `{ "$number": "NaN" }`.
 */
const key = '$number'

/** A value that JSON keeps as it is. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [key]: String(value) }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]))
}

/** The value that {@link toJson} was given. */
export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  if (entries.length === 1 && entries[0]?.[0] === key) return Number(entries[0][1])
  return Object.fromEntries(entries.map(([name, item]) => [name, fromJson(item)]))
}
