import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackages } from '../build.ts'
import { type Native, nativeName, natives } from './natives.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const notices = fileURLToPath(new URL('onnxruntime', import.meta.url))
const sources = [
  'typegrad',
  'node',
  'web',
  'hub',
  'transformers',
  'data',
  'label',
  'tabular',
  'cli',
  'runtime-wasm',
] as const

/** The fields of a package.json that this script reads. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package as it will be published, in a folder of its own. */
export interface Staged {
  readonly folder: string
  readonly manifest: Manifest
}

const readManifest = (name: string): Manifest =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))

/**
 * Builds all packages and lays them out as they will be published, each in its folder below `into`.
 *
 * @param wanted which of the native libraries, some 30 MB each, are copied; of the others there is the manifest alone.
 */
export async function stage(into: string, wanted: (native: Native) => boolean): Promise<Staged[]> {
  rmSync(into, { recursive: true, force: true })
  await buildPackages((name) => join(into, name, 'dist'))
  return [
    ...sources.map((name) => stageSource(join(into, name), name)),
    ...natives.map((native) => stageNative(join(into, nativeName(native)), native, wanted(native))),
  ]
}

function stageSource(folder: string, name: (typeof sources)[number]): Staged {
  const own = readManifest(name)
  const manifest = name === 'node' ? withNatives(own) : own
  writeManifest(folder, manifest)
  cpSync(
    name === 'typegrad' ? join(root, 'README.md') : join(root, 'packages', name, 'README.md'),
    join(folder, 'README.md'),
  )
  if (name === 'cli')
    cpSync(join(root, 'packages/cli/templates'), join(folder, 'templates'), { recursive: true })
  if (name === 'runtime-wasm') addNotices(folder)
  else cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  return { folder, manifest }
}

/**
 * The package of the native engine names those of the platforms, of which npm installs the one that fits. They are no
 * packages of the repository, where npm would look for them in the registry: its tests use onnxruntime-node.
 */
function withNatives(manifest: Manifest): Manifest {
  const runtimes = natives.map((native) => [`@typegrad/${nativeName(native)}`, manifest.version])
  return {
    ...manifest,
    optionalDependencies: { ...manifest.optionalDependencies, ...Object.fromEntries(runtimes) },
  }
}

function stageNative(folder: string, native: Native, isWanted: boolean): Staged {
  const { os, cpu, libc, library } = native
  const { version, engines } = readManifest('node')
  const manifest: Manifest = {
    name: `@typegrad/${nativeName(native)}`,
    version,
    description: `ONNX Runtime's library for ${os} on ${cpu}, for typegrad.`,
    license: 'MIT',
    engines,
    files: [library, 'ThirdPartyNotices.txt'],
    os: [os],
    cpu: [cpu],
    ...(libc !== undefined && { libc: [libc] }),
  }
  writeManifest(folder, manifest)
  addNotices(folder)
  const { version: runtime } = JSON.parse(
    readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
  ) as Manifest
  writeFileSync(
    join(folder, 'README.md'),
    `# ${manifest.name}\n\nThe library of [ONNX Runtime](https://onnxruntime.ai) ${runtime} for ${os} on ${cpu}, as the npm package onnxruntime-node\n${runtime} carries it. \`@typegrad/node\` installs it where it fits; there is no reason to install it by hand.\n\nIts licence is in LICENSE, those of its parts are in ThirdPartyNotices.txt.\n`,
  )
  if (isWanted)
    cpSync(join(root, 'node_modules/onnxruntime-node/bin/napi-v6', os, cpu, library), join(folder, library))
  return { folder, manifest }
}

function addNotices(folder: string): void {
  for (const file of ['LICENSE', 'ThirdPartyNotices.txt']) cpSync(join(notices, file), join(folder, file))
}

function writeManifest(folder: string, manifest: Manifest): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
}
