import { byteSize } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import type { SafetensorsEntry } from '../formats/safetensors.ts'
import type { Variable } from '../tensor/variable.ts'
import { distinctNames } from './distinct-names.ts'
import type { Places } from './places.ts'

type Entries = ReadonlyMap<string, SafetensorsEntry>

/**
 * Tensors of format version 1, under the paths of version 2. There weights went by their names alone, and those of
 * layers that were given none count through the process: `dense_1/kernel` may be another layer's in the next one. So a
 * name is taken at its word only where the order of the weights says the same.
 *
 * @param variables in the order in which version 1 wrote them.
 * @returns undefined if names and order do not tell which tensor is whose.
 */
export function entriesByOlderNames(
  tensors: Entries,
  places: Places,
  variables: readonly Variable[],
): Entries | undefined {
  const keys = [...tensors.keys()]
  // The format puts wider elements first, and otherwise keeps the order.
  const order = [...variables].sort((a, b) => byteSize[b.dtype] - byteSize[a.dtype])
  const names = distinctNames(order)
  if (keys.length !== names.length) return undefined
  const keyOf = new Map<Variable, string>()
  const pathOf = new Map([...places].map(([path, variable]) => [variable, path]))
  // Layers of a model, and of models in it, have names that are saved with it.
  const isNamed = order.map((variable) => isWithinModels(pathOf.get(variable) ?? ''))
  if (agree(keys, names, isNamed))
    for (const [i, variable] of order.entries()) keyOf.set(variable, keys[i] as string)
  else {
    if (!names.every((name, i) => tensors.has(name) && isNamed[i])) return undefined
    for (const [i, variable] of order.entries()) keyOf.set(variable, names[i] as string)
  }
  return new Map(
    [...places].map(([path, variable]) => [
      path,
      // Every place is one of the variables, and has a key.
      tensors.get(keyOf.get(variable) as string) as SafetensorsEntry,
    ]),
  )
}

const isWithinModels = (path: string): boolean => /^(layers\/[^/]+\/)+[^/]+$/.test(path)

/**
 * Whether two lists of names can be of the same weights in the same order: equal but for the numbers of layers, each
 * layer of one list being one of the other, and those that were renamed in the order of their numbers. A layer that has
 * its name from a model is where the file has this name, if it has it.
 */
function agree(keys: readonly string[], names: readonly string[], isNamed: readonly boolean[]): boolean {
  const layers = new Set(keys.map((key) => parts(key).layer))
  const pairs = new Map<string, string>()
  for (const [i, key] of keys.entries()) {
    const [a, b] = [parts(key), parts(names[i] as string)]
    if (a.kind !== b.kind || a.rest !== b.rest) return false
    if (isNamed[i] && a.layer !== b.layer && layers.has(b.layer)) return false
    const known = pairs.get(a.layer)
    if (known !== undefined && known !== b.layer) return false
    pairs.set(a.layer, b.layer)
  }
  if (new Set(pairs.values()).size !== pairs.size) return false
  const renamed = [...pairs].filter(([a, b]) => a !== b).map(([a, b]) => [parts(a), parts(b)] as const)
  return renamed.every(([a, b]) =>
    renamed.every(
      ([c, d]) => a.kind !== c.kind || Math.sign(a.number - c.number) === Math.sign(b.number - d.number),
    ),
  )
}

/** `dense_7/kernel` as the layer's name, its kind and number, and what follows. */
function parts(name: string) {
  const [, layer = '', kind = '', number = '0', rest = ''] =
    /^(([^/#]*?)(?:_(\d+))?)((?:\/.*|#\d+)?)$/.exec(name) ?? []
  return { layer, kind, number: Number(number), rest }
}

/** What says that a file of version 1 cannot be trusted to belong to the model. */
export const ambiguous = (file: string): FormatError =>
  new FormatError({
    where: file,
    expected: 'weights whose places in the model are beyond doubt',
    received: 'names of the older format version 1, which do not tell these layers apart',
    fix: 'Load the model with the version of typegrad that saved it, name its layers, and save it again.',
  })
