/**
 * `base/`: what every folder builds on: errors, dtypes, shapes, options, names, work that can be interrupted. It
 * knows no other folder.
 */

/** The stable codes of typegrad's errors, for programs that react to them. */
export type ErrorCode =
  | 'shape'
  | 'dtype'
  | 'argument'
  | 'data'
  | 'name'
  | 'state'
  | 'trace'
  | 'format'
  | 'engine'

/**
 * What every error of typegrad says: where and what was expected, what came, and what to do.
 *
 * `Dense: expected an input with a last dimension of 784 (the kernel is [784, 64]), received shape
 * [32, 28, 28]. Flatten the input first: layers.flatten().`
 */
export interface ErrorParts {
  /** Who complains: the layer, op or function, as its user knows it. */
  readonly where: string
  /** What was expected, after "expected ". */
  readonly expected: string
  /** What came, after "received ". */
  readonly received: string
  /** What to do about it: a whole sentence. */
  readonly fix?: string
}

/** Lines that an error's stack may have. */
const frames = 60

export class TypegradError extends Error {
  readonly code: ErrorCode
  /** What the message consists of, for a caller that knows better where it was; undefined for a message of one piece. */
  readonly parts: ErrorParts | undefined
  constructor(code: ErrorCode, parts: ErrorParts | string, options?: ErrorOptions) {
    // The user's line stands below the library's, which are often more than the ten that V8 keeps.
    const limit = Error.stackTraceLimit
    if (limit > 0 && limit < frames) Error.stackTraceLimit = frames
    super(typeof parts === 'string' ? parts : sentence(parts), options)
    if (limit !== undefined) Error.stackTraceLimit = limit
    this.name = new.target.name
    this.code = code
    this.parts = typeof parts === 'string' ? undefined : parts
  }
}

function sentence({ where, expected, received, fix }: ErrorParts): string {
  const doing = fix === undefined ? '' : ` ${shortened(fix)}`
  return `${shortened(where)}: expected ${shortened(expected)}, received ${shortened(received)}.${doing}`
}

/** Names and values that come from files may have any length; lists of all that is known have less than this. */
const longest = 4000
/** Longer than a path is in practice. */
const longestWord = 400

const middleOut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most / 2)} … ${text.slice(-most / 2)}`

const shortened = (text: string): string =>
  middleOut(
    text.replace(new RegExp(`\\S{${longestWord},}`, 'g'), (word) => middleOut(word, longestWord)),
    longest,
  )

/** Shapes that do not fit each other or the operation. */
export class ShapeError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('shape', parts)
  }
}

/** A dtype that an operation does not take. */
export class DTypeError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('dtype', parts)
  }
}

/** An argument or option outside of what is allowed. */
export class ArgumentError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('argument', parts)
  }
}

/** Data that a model cannot learn from: empty, ragged, NaN, labels out of range. */
export class DataError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('data', parts)
  }
}

/** A name that the catalogue does not know. */
export class UnknownNameError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('name', parts)
  }
}

/** A call that comes too early or too late: fit before compile, a weight that is not built. */
export class StateError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('state', parts)
  }
}

/** A traced function did what cannot be put into a graph, such as looking at a value. */
export class TraceError extends TypegradError {
  constructor(parts: ErrorParts | string) {
    super('trace', parts)
  }
}

/** A file that is not what its format says. */
export class FormatError extends TypegradError {
  constructor(parts: ErrorParts | string, options?: ErrorOptions) {
    super('format', parts, options)
  }
}

/** The engine could not be loaded or refused a model. */
export class EngineError extends TypegradError {
  constructor(parts: ErrorParts | string, options?: ErrorOptions) {
    super('engine', parts, options)
  }
}
