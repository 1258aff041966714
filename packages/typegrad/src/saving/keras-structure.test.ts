// What we write is laid out as Keras lays it out: its own files, read and written again, have the same tree.
import { describe, expect, test } from 'vitest'

import { readHdf5 } from '../formats/hdf5.ts'
import { readZip } from '../formats/zip.ts'
import { readKeras, writeKeras } from '../index.ts'
import { savedModels } from '../testing/saved-models.ts'

const { bytesOf, content } = savedModels('saved')

type Json = Record<string, unknown>

interface Archive {
  readonly names: readonly string[]
  readonly config: Json
  /** Groups with their text attributes, and datasets with shape and dtype, by path. */
  readonly tree: Json
}

async function archive(bytes: Uint8Array): Promise<Archive> {
  const files = readZip(bytes, 'model.keras')
  const tree = await readHdf5(files.get('model.weights.h5') as Uint8Array, 'h5', ({ datasets, attributes }) =>
    Object.fromEntries<unknown>([
      ...attributes,
      ...[...datasets].map(([path, { shape, dtype }]) => [path, [dtype, ...shape]] as const),
    ]),
  )
  const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as Json
  return { names: [...files.keys()].sort(), config, tree }
}

/** Groups that hold weights, their names, and all weights: what Keras looks for when it reads. */
function essential(tree: Json): Json {
  const weights = Object.keys(tree).filter((path) => Array.isArray(tree[path]))
  return Object.fromEntries(
    Object.entries(tree).filter(
      ([path, value]) => Array.isArray(value) || weights.some((weight) => weight.startsWith(`${path}/`)),
    ),
  )
}

/** Classes, names, modules and wiring, without options, which have their own tests. */
function skeleton(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(skeleton)
  if (typeof value !== 'object' || value === null) return undefined
  const { class_name, registered_name, module, name, inbound_nodes, config } = value as Json
  const { layers, layer, cell, cells, input_layers, output_layers, name: own } = (config ?? {}) as Json
  return {
    class_name,
    registered_name: registered_name ?? null,
    module,
    name,
    own,
    uses: Array.isArray(inbound_nodes) ? inbound_nodes.length : undefined,
    // Independent layers may stand in either order.
    layers: byName(skeleton(layers)),
    // A layer inside of another one is named after it there, and when it is made here.
    inner: [layer, cell, cells].flat().map((one) => (one as Json | undefined)?.class_name),
    // One place is a list of its own, or in a list.
    places: [input_layers, output_layers].map((list) => (list as unknown[] | undefined)?.flat()),
  }
}

const byName = (layers: unknown): unknown =>
  Array.isArray(layers)
    ? layers.sort((a: Json, b: Json) => String(a.own).localeCompare(String(b.own)))
    : layers

describe.each(Object.keys(content.cases))('%s', (name) => {
  const both = async () => {
    const bytes = bytesOf(`${name}.keras`)
    return [await archive(await writeKeras(await readKeras(bytes))), await archive(bytes)] as const
  }

  test('has the groups, names, datasets, shapes and dtypes that Keras wrote', async () => {
    const [written, keras] = await both()
    expect(written.names).toEqual(keras.names)
    expect(Object.keys(essential(keras.tree)).length).toBeGreaterThan(4)
    expect(essential(written.tree)).toEqual(essential(keras.tree))
  })

  test('has the layers that Keras wrote, in its modules, with its wiring', async () => {
    const [{ config: written }, { config: keras }] = await both()
    expect(Object.keys(written)).toEqual(expect.arrayContaining(Object.keys(keras)))
    expect(skeleton(written)).toEqual(skeleton(keras))
    // Keras knows no shape of several inputs, and does not need it: the layers of inputs say it.
    const { input_shape: shape } = keras.build_config as Json
    if (shape !== null) expect(written.build_config).toEqual({ input_shape: shape })
  })
})
