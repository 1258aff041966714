import { ArgumentError } from './errors.ts'
import { checkOptions, func, optionsOf, string } from './options.ts'
import { checkFree, defaultPackage, keepRegistered, type RegisteredKind } from './registered.ts'
import { withSavedOptions } from './saved-options.ts'

export interface RegisterOptions {
  /** The package's name, as one imports it. Default `'Custom'`, as in Keras. */
  readonly package?: string
  /** Default: the name of the class or function. */
  readonly name?: string
  /** Makes an object of the class from what its `getConfig` gave. Default: `new` with it. */
  readonly make?: (config: Readonly<Record<string, unknown>>) => object
}

const registerChecks = optionsOf<RegisterOptions>()({ package: string, name: string, make: func })

/** Classes whose objects are saved by `getConfig`; each knows its own options, the registry only that it takes some. */
type SavedClass = abstract new (...options: never[]) => { getConfig(): Record<string, unknown> }

/** A class whose objects are made by name alone. */
type NamedClass = abstract new (...options: never[]) => object

/** What can be registered: classes, and functions where a function will do. */
type Of<K extends RegisteredKind> = K extends 'lambda'
  ? (...args: never[]) => unknown
  : K extends 'loss' | 'metric'
    ? SavedClass | ((...args: never[]) => unknown)
    : K extends 'callback'
      ? NamedClass
      : SavedClass

/**
 * Makes a package's (or a program's) own layers, losses, metrics, optimizers, schedules, callbacks, initializers,
 * regularizers, constraints, adapters and functions known by name, as Keras's `register_keras_serializable` does: saved
 * models name them `package>Name` in every format, and `compile` and layers take the name as an identifier.
 *
 * A package calls it once for each when it is imported. A model that was saved with one whose package is not imported is
 * refused with an error that names the package. Files never hold code.
 *
 * @param kind what it is: `'layer'` for models too, `'lambda'` for functions of {@link layers.lambda}.
 * @param of the class; for losses, metrics and lambdas also a function.
 * @throws ArgumentError for a name that something else of the kind has, or that has a `>` or a `/` in it.
 * @example
 * register('layer', RotaryEmbedding, { package: 'signal' })       // 'signal>RotaryEmbedding'
 * register('loss', focalOf, { package: 'signal', name: 'focal' })
 * model.compile({ optimizer: 'adam', loss: 'signal>focal' })
 */
export function register<K extends RegisteredKind>(kind: K, of: Of<K>, options: RegisterOptions = {}): void {
  checkOptions('register', options, registerChecks)
  if (typeof of !== 'function') {
    throw new ArgumentError({ where: 'register', expected: 'a class or a function', received: String(of) })
  }
  const { package: from = defaultPackage, name = of.name, make } = options
  for (const part of [from, name]) {
    if (part !== '' && !/[>/]/.test(part)) continue
    throw new ArgumentError({
      where: `register('${kind}')`,
      expected: "names of at least one letter, without '>' and '/'",
      received: JSON.stringify(part),
      ...(part === '' ? { fix: "Give it one: register(kind, of, { name: 'focal' })." } : {}),
    })
  }
  const full = `${from}>${name}`
  checkFree('register', kind, full, of)
  keepRegistered(kind, { name: full, of, make: isClass(of) ? makerOf(of, make) : undefined })
}

const isClass = (of: Of<RegisteredKind>): of is NamedClass =>
  (typeof of.prototype === 'object' && Object.getOwnPropertyNames(of.prototype).length > 1) ||
  /^class\b/.test(Function.prototype.toString.call(of))

function makerOf(of: NamedClass, make: RegisterOptions['make']) {
  const Class = of as new (config: Readonly<Record<string, unknown>>) => object
  return (config: Readonly<Record<string, unknown>>): object =>
    make === undefined ? withSavedOptions(() => new Class(config)) : make(config)
}
