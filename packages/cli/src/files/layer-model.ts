import { pathToFileURL } from 'node:url'
import { loadModel, type Model, type Predicted } from 'typegrad'
import type { Text } from '../language/text.ts'
import { type FoundFile, wrongKind } from './file-kind.ts'

const layered: Text = {
  en: 'a model of layers: .keras, .h5, a folder, model.json of TensorFlow.js',
  zh: '由层组成的模型：.keras、.h5、文件夹、TensorFlow.js 的 model.json',
}

/** Imports modules for what they register: paths, or names of packages. */
export async function importModules(modules: readonly string[] = []): Promise<void> {
  for (const module of modules)
    await import(/^[./\\]|^\w:/.test(module) ? pathToFileURL(module).href : module)
}

/** Loads a model of layers; what the library's own packages registered is known. @throws Failure for another kind of file. */
export async function loadLayers(
  found: FoundFile,
  modules: readonly string[] = [],
): Promise<Model<Predicted>> {
  const { kind, path } = found
  if (kind !== 'keras' && kind !== 'h5' && kind !== 'folder' && kind !== 'tfjs')
    throw wrongKind(found, layered)
  await importModules(modules)
  try {
    return await loadModel(path)
  } catch (error) {
    const load = ownPackages.get(/the package '([\w-]+)'/.exec(String(error))?.[1] ?? '')
    if (load === undefined) throw error
    await load()
    return await loadModel(path)
  }
}

/** What registers layers, by the names that saved models have. */
const ownPackages: ReadonlyMap<string, () => Promise<unknown>> = new Map<string, () => Promise<unknown>>([
  ['transformers', () => import('@typegrad/transformers')],
  ['tabular', () => import('@typegrad/tabular')],
])
