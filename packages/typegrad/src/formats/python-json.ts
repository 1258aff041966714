/** A number that Python shall read as a float even where it is whole: its classes tell 0 from 0.0. */
export class PythonFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/**
 * JSON as Python's own module writes and reads it: floats keep their point, and NaN and the infinities have names.
 *
 * @example
 * pythonJson({ momentum: new PythonFloat(0), units: 3 }) // '{"momentum":0.0,"units":3}'
 */
export function pythonJson(value: unknown): string {
  if (value instanceof PythonFloat) return number(value.value, true)
  if (typeof value === 'number') return number(value, false)
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${pythonJson(item)}`).join(',')}}`
}

function number(value: number, isFloat: boolean): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  // −0 is a float in Python, and JSON.stringify writes it as 0.
  const text = Object.is(value, -0) ? '-0.0' : JSON.stringify(value)
  return isFloat && /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** What {@link withoutPythonNumbers} makes of 2.0 if asked to: JSON has one kind of number, Python two. */
interface WholeFloat {
  readonly class_name: '__float__'
  readonly config: number
}

export const isWholeFloat = (value: unknown): value is WholeFloat =>
  typeof value === 'object' &&
  (value as Partial<WholeFloat> | null)?.class_name === '__float__' &&
  typeof (value as WholeFloat).config === 'number'

/**
 * JSON's own text of what Python wrote: the infinities become numbers beyond the largest, which are read as infinite, and
 * NaN the string of that name; all of them outside of strings alone.
 *
 * @param keepsFloats whether floats that are whole, such as 2.0, become objects that tell them from integers.
 */
export function withoutPythonNumbers(text: string, keepsFloats = false): string {
  if (!keepsFloats && !/NaN|Infinity/.test(text)) return text
  const pattern = keepsFloats
    ? /"(?:[^"\\]|\\.)*"|\b(?:NaN|Infinity)\b|-?\b\d+\.0\b(?![eE])/g
    : /"(?:[^"\\]|\\.)*"|\b(?:NaN|Infinity)\b/g
  return text.replace(pattern, (match) => {
    if (match.startsWith('"')) return match
    if (match === 'NaN') return '"NaN"'
    if (match === 'Infinity') return '1e999'
    return `{"class_name":"__float__","config":${match.slice(0, -2)}}`
  })
}
