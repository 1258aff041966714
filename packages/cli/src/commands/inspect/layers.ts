import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { readZip } from 'typegrad/formats'
import { type FoundFile, kindNames } from '../../files/file-kind.ts'
import { loadLayers } from '../../files/layer-model.ts'
import { countText, shapeText } from '../../files/size.ts'
import { listing } from '../../terminal/listing.ts'
import type { Finding } from './finding.ts'

/** Layers and parameters of a model, and what its file says beside. */
export async function inspectLayers(
  found: FoundFile,
  modules: readonly string[] | undefined,
): Promise<Finding> {
  const model = await loadLayers(found, modules)
  const metadata = found.kind === 'keras' ? await kerasMetadata(found.path) : {}
  const count = (weights: readonly { readonly shape: readonly number[] }[]): number =>
    weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  const inputs = model.modelInputs.map(({ shape }) => shape)
  const parameters = { total: count(model.weights), trainable: count(model.trainableWeights) }
  const compiled = model.isCompiled ? { optimizer: model.optimizer.className } : undefined
  return {
    json: {
      name: model.name,
      class: model.className,
      inputs,
      parameters,
      ...(compiled !== undefined && { compiled }),
      ...metadata,
      layers: model.operations.map((layer) => ({
        name: layer.name,
        class: layer.className,
        parameters: layer.built ? count(layer.weights) : 0,
      })),
    },
    lines: (context) => [
      basename(found.path),
      context.say(kindNames[found.kind]),
      ...listing(
        [
          [context.say({ en: 'inputs', zh: '输入' }), inputs.map(shapeText).join(', ')],
          [context.say({ en: 'parameters', zh: '参数' }), countText(parameters.total)],
          [
            context.say({ en: 'training', zh: '训练' }),
            compiled === undefined ? context.say({ en: 'not compiled', zh: '未编译' }) : compiled.optimizer,
          ],
          ...Object.entries(metadata).map(([name, value]) => [name, String(value)] as const),
        ],
        context.columns,
      ),
      '',
      ...model.summary({ print: null, lineLength: context.columns }).split('\n').slice(1),
    ],
  }
}

/** What Keras writes of itself into a file. */
async function kerasMetadata(path: string): Promise<Readonly<Record<string, unknown>>> {
  const entries = readZip(await readFile(path), path, {}, ['metadata.json'])
  const bytes = entries.get('metadata.json')
  if (bytes === undefined) return {}
  return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>
}
