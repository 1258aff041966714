import { ArgumentError, UnknownNameError } from './errors.ts'
import { nearestName } from './nearest-name.ts'
import type { SerializedObject } from './serialized.ts'

/** What packages can register, so that names and saved models lead back to it. */
export type RegisteredKind =
  | 'adapter'
  | 'callback'
  | 'constraint'
  | 'initializer'
  | 'lambda'
  | 'layer'
  | 'loss'
  | 'metric'
  | 'optimizer'
  | 'regularizer'
  | 'schedule'

/** Something of a package's, or of the program's. */
export interface Registered {
  /** `signal>Focal`, as Keras writes it; without a package the name alone. */
  readonly name: string
  /** The class, or the function. */
  readonly of: unknown
  /** Makes an object of a class from what its `getConfig` gave; undefined for functions, which stand for themselves. */
  readonly make: ((config: Readonly<Record<string, unknown>>) => unknown) | undefined
}

/** By kind, then by registered name. */
const entries = new Map<string, Map<string, Registered>>()
/** Names by class or function: one that was registered for several kinds has one for each. */
const names = new WeakMap<object, Map<string, string>>()

const ofKind = (kind: string): Map<string, Registered> => {
  const known = entries.get(kind) ?? new Map<string, Registered>()
  entries.set(kind, known)
  return known
}

/** Keeps an entry in the place of one of the same name. */
export function keepRegistered(kind: string, entry: Registered): void {
  ofKind(kind).set(entry.name, entry)
  if (typeof entry.of !== 'function') return
  const byKind = names.get(entry.of) ?? new Map<string, string>()
  names.set(entry.of, byKind.set(kind, entry.name))
}

/** Names that are registered for a kind. */
export const registeredNames = (kind: string): Iterable<string> => ofKind(kind).keys()

/** What has exactly this name. */
export const registeredAs = (kind: string, name: string): Registered | undefined => ofKind(kind).get(name)

/** The name of a class or function with its package; undefined for what was not registered with one. */
export function packageNameOf(of: unknown, kind?: string): string | undefined {
  const byKind = typeof of === 'function' ? names.get(of) : undefined
  const found = kind === undefined ? [...(byKind?.values() ?? [])] : [byKind?.get(kind)]
  return found.find((name) => name !== undefined && packageOf(name) !== undefined)
}

/** `signal` of `signal>Focal`; undefined for a name without a package. */
export function packageOf(name: string): string | undefined {
  const at = name.indexOf('>')
  return at > 0 ? name.slice(0, at) : undefined
}

/** `Focal` of `signal>Focal`. */
export const nameInPackage = (name: string): string => name.slice(name.indexOf('>') + 1)

/** Keras's name of the package of what was registered without one. */
export const defaultPackage = 'Custom'

/**
 * What a name or a saved configuration stands for, if a package or the program has registered it.
 *
 * A configuration of another package than the default one never stands for something else of the same class name.
 *
 * @returns undefined for what may be the library's own.
 * @throws UnregisteredError for a name with a package that has not registered it.
 */
export function findRegistered(kind: string, identifier: string | SerializedObject): Registered | undefined {
  const className = typeof identifier === 'string' ? identifier : identifier.className
  const name = typeof identifier === 'string' ? identifier : (identifier.registeredName ?? className)
  const known = registeredAs(kind, name)
  if (known !== undefined) return known
  const from = packageOf(name)
  // What was registered by its class name alone, as `registerLayer` does, is what it was before there were packages.
  const plain = registeredAs(kind, nameInPackage(className)) ?? registeredAs(kind, nameInPackage(name))
  if (from === undefined || plain !== undefined) return plain
  if (from === defaultPackage && typeof identifier !== 'string' && packageOf(className) === undefined)
    return undefined
  throw new UnregisteredError(kind, name, from)
}

/** A name with a package that has not registered it: the package's import is missing. */
export class UnregisteredError extends UnknownNameError {
  constructor(kind: string, name: string, from: string) {
    const near = nearestName(name, registeredNames(kind))
    super({
      where: kind,
      expected: `what the package '${from}' registers as '${name}'`,
      received: 'no such registration',
      fix:
        from === defaultPackage
          ? `Register it before: register('${kind}', ${nameInPackage(name)}).`
          : `Import the package '${from}' first${near === undefined ? '' : `, or did you mean '${near}'`}; what is your own is registered by register('${kind}', ${nameInPackage(name)}, { package: '${from}' }).`,
    })
  }
}

/** @throws ArgumentError for another entry of the same name. */
export function checkFree(where: string, kind: string, name: string, of: unknown): void {
  const known = registeredAs(kind, name)
  if (known === undefined || known.of === of) return
  throw new ArgumentError({
    where,
    expected: `a name that no other ${kind} has`,
    received: `'${name}'`,
  })
}

/** A function that a name or a saved configuration stands for, with the options of the latter. */
export function registeredFunction(
  kind: string,
  identifier: string | SerializedObject,
): { readonly of: unknown; readonly config: Readonly<Record<string, unknown>> } | undefined {
  const isName = typeof identifier === 'string'
  if (!isName && !isNamedObject(identifier)) return undefined
  const found = findRegistered(kind, identifier)
  if (found === undefined || found.make !== undefined) return undefined
  return { of: found.of, config: isName ? {} : identifier.config }
}

/** What comes from outside may be anything; the rest of its check is the reader's. */
const isNamedObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'className' in value && typeof value.className === 'string'
