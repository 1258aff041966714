import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FormatError } from '../base/errors.ts'
import { readZip, writeZip } from '../formats/zip.ts'
import {
  type FeatureSpace,
  featureSpace,
  layers,
  loadFeatureSpace,
  loadModel,
  readFeatureSpace,
  sequential,
  type Tensor,
  writeFeatureSpace,
  writeKeras,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { readGolden } from '../testing/golden.ts'

type Columns = Readonly<Record<string, (string | number)[]>>
const golden = readGolden<{
  readonly given: Columns
  readonly encoded: Readonly<Record<string, number[][]>>
}>('feature-space-file.json')
const bytes = new Uint8Array(
  readFileSync(new URL('../../golden/keras-files/feature_space_alone.keras', import.meta.url)),
)

async function expectEncodes(space: FeatureSpace): Promise<void> {
  const encoded = (await space.encode(golden.given as never)) as Record<string, Tensor>
  expect(Object.keys(encoded).sort()).toEqual(Object.keys(golden.encoded).sort())
  for (const [name, rows] of Object.entries(golden.encoded)) {
    expect(encoded[name]?.shape, name).toEqual([rows.length, rows[0]?.length])
    const found = Array.from<number | bigint, number>((await encoded[name]?.data()) ?? [], Number)
    expectClose(found, rows.flat(), { scaled: 2e-6 }, name)
  }
}

type Json = Record<string, unknown>
const configOf = (file: Uint8Array): Json =>
  JSON.parse(new TextDecoder().decode(readZip(file, 'a.keras', {}).get('config.json')))

/** A file with another configuration. */
const withConfig = (config: unknown): Uint8Array =>
  writeZip({
    ...Object.fromEntries(readZip(bytes, 'a.keras', {})),
    'config.json': new TextEncoder().encode(JSON.stringify(config)),
  })

test('a file of Keras encodes as there, and so does ours of it', async () => {
  const space = await readFeatureSpace(bytes)
  await expectEncodes(space)
  const written = await writeFeatureSpace(space)
  await expectEncodes(await readFeatureSpace(written))
  // Keras makes of it what it made of its own: the same features in order, of the same classes and names.
  const [theirs, ours] = [configOf(bytes), configOf(written)]
  const told = ({ config }: Json) => {
    const { features, ...others } = config as { features: Record<string, { config: Json }> }
    const each = Object.entries(features).map(([name, { config: feature, ...kind }]) => {
      const { class_name: layer, module, registered_name: registered, config } = feature.preprocessor as Json
      const layerName = (config as Json).name
      return [name, kind, feature.dtype, feature.output_mode, layer, module, registered, layerName]
    })
    return { each, others }
  }
  expect(told(ours)).toEqual(told(theirs))
  expect({ ...ours, config: 0 }).toEqual({ ...theirs, config: 0 })
})

test('a file of the disk, of features that were adapted here', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-features-'))
  try {
    const rows = { age: [31, 52, 40], city: ['Ulm', 'Bern', 'Ulm'] }
    const space = featureSpace({
      features: {
        age: 'floatNormalized',
        city: {
          dtype: 'string',
          preprocessor: layers.stringLookup({ outputMode: 'tfIdf' }),
          outputMode: 'float',
        },
      },
    })
    await expect(space.save(join(folder, 'a.keras'))).rejects.toThrow('features that were adapted')
    await space.adapt(rows)
    await expect(space.save(join(folder, 'a.h5'))).rejects.toThrow("a path that ends in '.keras'")
    await space.save(join(folder, 'inner/a.keras'))
    const again = await loadFeatureSpace(join(folder, 'inner/a.keras'))
    const values = async (one: FeatureSpace) => ((await one.encode(rows)) as Tensor).toArray()
    expect(await values(again)).toEqual(await values(space))
    await expect(loadModel(join(folder, 'inner/a.keras'))).rejects.toThrow(
      'expected a model, received a FeatureSpace by itself. Read it by loadFeatureSpace',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is none is refused', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [2] })])
  await expect(readFeatureSpace(await writeKeras(model))).rejects.toThrow(
    'features.keras: config.json: expected a FeatureSpace, received Sequential',
  )
  const config = configOf(bytes) as { config: { features: Record<string, { config: Json }> } }
  const changed = (change: (feature: Json) => void): Promise<FeatureSpace> => {
    const copy = structuredClone(config)
    change((copy.config.features.age as { config: Json }).config)
    return readFeatureSpace(withConfig(copy))
  }
  for (const change of [
    (age: Json) => delete age.preprocessor,
    (age: Json) => Object.assign(age, { dtype: 'complex64' }),
    (age: Json) => Object.assign(age, { output_mode: 'hasOwnProperty' }),
  ])
    await expect(changed(change)).rejects.toThrow(/'age': expected a feature: a dtype/)
  const lambda = { module: 'builtins', class_name: '__lambda__', config: { value: 'evil' } }
  const crossed = structuredClone(config) as unknown as { config: { crosses: { config: Json }[] } }
  Object.assign((crossed.config.crosses[0] as { config: Json }).config, { crossing_dim: '9' })
  await expect(readFeatureSpace(withConfig(crossed))).rejects.toThrow(/config\.json: expected crosses/)
  await expect(changed((age) => Object.assign(age, { preprocessor: lambda }))).rejects.toThrow(/never run/)
  const files = Object.fromEntries(readZip(bytes, 'a.keras', {}))
  const { 'assets/preprocessors/string_lookup/vocabulary.txt': _, ...without } = files
  await expect((await readFeatureSpace(writeZip(without))).encode(golden.given as never)).rejects.toThrow()
  await expect(readFeatureSpace(bytes.slice(0, 900))).rejects.toThrow(FormatError)
})
