import { EngineError, type Storage } from 'typegrad/engine'
import type { Pointer } from './library.ts'
import { addressOf, check, cString, outPointer, pointers, type Runtime } from './runtime.ts'
import { NodeStorage } from './storage.ts'

/** Every level of graph optimisation, blocked layouts of convolutions among them. */
const allOptimizations = 99

/**
 * Session options for a model whose external initializers are these storages. The runtime reads them where they
 * stand; what it packs for its products it keeps in memory that goes back to the system with the session.
 *
 * @param constants must stay alive, and as they are, for as long as the session.
 * @param isShared whether sessions share what is packed of these, which they do of nothing else.
 */
export function withConstants(
  runtime: Runtime,
  options: Pointer,
  constants: ReadonlyMap<string, Storage>,
  isShared: boolean,
): Pointer {
  const { api } = runtime
  const own = outPointer((out) => check(api, 'options', api.cloneSessionOptions(options, out)))
  const names = [...constants.keys()].map(cString)
  const nameArray = pointers(names.length)
  const valueArray = pointers(names.length)
  ;[...constants].forEach(([name, storage], i) => {
    if (!(storage instanceof NodeStorage)) {
      throw new EngineError({
        where: `load: constant '${name}'`,
        expected: 'a storage that this engine has made',
        received: 'one of another engine',
        fix: 'Read it there and upload it here.',
      })
    }
    // Asking for its buffer pins the small array; see pointers().
    nameArray[i] = addressOf(new Uint8Array((names[i] as Uint8Array).buffer))
    valueArray[i] = storage.value
    if (isShared) check(api, 'options', api.addInitializer(own, names[i] as Uint8Array, storage.value))
  })
  check(api, 'options', api.setGraphOptimizationLevel(own, allOptimizations))
  const key = cString('session.use_device_allocator_for_initializers')
  check(api, 'options', api.addSessionConfigEntry(own, key, cString('1')))
  check(api, 'options', api.addExternalInitializers(own, nameArray, valueArray, names.length))
  return own
}
