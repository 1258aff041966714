import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EngineError } from 'typegrad/engine'

const fileNames: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
}

/**
 * Where ONNX Runtime's library is: in the package for this platform, which npm installs, or in the repository, where
 * that package has not been made, in onnxruntime-node, of which it would be made.
 *
 * @throws EngineError if neither is installed.
 */
export function libraryPath(): string {
  const { platform, arch } = process
  const file = fileNames[platform]
  const name = `@typegrad/runtime-${platform}-${arch}`
  if (file !== undefined) {
    const path =
      resolved(`${name}/${file}`) ??
      // The package's main is dist/index.js; package.json is not among its exports in every version.
      below(resolved('onnxruntime-node'), '..', 'bin', 'napi-v6', platform, arch, file)
    if (path !== undefined && existsSync(path)) return path
  }
  throw new EngineError({
    where: 'Node engine',
    expected: `the package ${name}, which carries ONNX Runtime's library`,
    received: 'none that is installed',
    fix: 'Install typegrad with its optional dependencies, on a platform that has a native engine: Linux with glibc or Windows on x64 or arm64, macOS on arm64.',
  })
}

const { resolve } = createRequire(import.meta.url)

function resolved(specifier: string): string | undefined {
  try {
    return resolve(specifier)
  } catch {
    return undefined
  }
}

const below = (main: string | undefined, ...parts: string[]): string | undefined =>
  main === undefined ? undefined : join(dirname(main), ...parts)
