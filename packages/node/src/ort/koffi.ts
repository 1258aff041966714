/**
 * koffi's compiled part, from its package for this platform. The package `koffi` itself would only choose it, and has an
 * install script, of which npm warns in each project that installs it.
 */
import { createRequire } from 'node:module'
import type koffi from 'koffi'
import { EngineError } from 'typegrad/engine'

type Koffi = typeof koffi

/**
 * Stack and heap of native calls, which koffi takes only before it loads the first library. Optimising a graph in ONNX
 * Runtime recurses deeply; koffi's default stack for asynchronous calls is too small for it.
 */
const callMemory = { async_stack_size: 8 << 20, async_heap_size: 1 << 20 }

function load(): Koffi {
  const name = `@koromix/koffi-${process.platform}-${process.arch}`
  try {
    return createRequire(import.meta.url)(name)
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
    throw new EngineError(
      {
        where: 'Node engine',
        expected: `the package ${name}, which calls native code`,
        received: isMissing ? 'none that is installed' : `one that cannot be loaded: ${String(cause)}`,
        fix: 'Install typegrad with its optional dependencies, on a platform that has a native engine: Linux or Windows on x64 or arm64, macOS on arm64.',
      },
      { cause },
    )
  }
}

const loaded = load()
try {
  loaded.config({ ...loaded.config(), ...callMemory })
} catch {
  // A program that loaded a library through koffi earlier has decided.
}

export default loaded
