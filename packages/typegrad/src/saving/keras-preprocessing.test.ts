import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readZip, writeZip } from '../formats/zip.ts'
import { layers, readKeras, sequential, tensor, writeKeras } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Case {
  readonly file: string
  readonly x: GoldenTensor
  readonly predictions: GoldenTensor
}

const { cases } = readGolden<{ cases: readonly Case[] }>('keras-files/preprocessing.json')
const bytesOf = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/keras-files/${file}`, import.meta.url)))

describe("Keras's files", () => {
  test.each(cases.map((one) => [one.file, one] as const))(
    '%s is read, and written again',
    async (file, one) => {
      const model = await readKeras(bytesOf(file))
      const x = fromGolden(one.x)
      expectClose(await (await model.predict(x)).data(), goldenValues(one.predictions), {}, file)
      const again = await readKeras(await writeKeras(model))
      expectClose(await (await again.predict(x)).data(), goldenValues(one.predictions), {}, `${file} of ours`)
    },
  )

  const damaged = (change: (text: string) => string): Uint8Array => {
    const files = readZip(bytesOf('preprocessing-lookup.keras'), 'model.keras')
    const text = (bytes: Uint8Array) => new TextEncoder().encode(change(new TextDecoder().decode(bytes)))
    return writeZip(
      Object.fromEntries(
        [...files].map(([name, bytes]) => [name, name.endsWith('vocabulary.txt') ? text(bytes) : bytes]),
      ),
    )
  }

  test('a damaged vocabulary is named, with its line', async () => {
    await expect(readKeras(damaged((text) => text.replace('5', 'five')))).rejects.toThrow(
      /vocabulary\.txt: expected a whole number a line, received "five" in line/,
    )
    await expect(readKeras(damaged((text) => text.replace(/\n9/, '\n3')))).rejects.toThrow(/each token once/)
    await expect(readKeras(damaged(() => '\n'))).rejects.toThrow(
      /vocabulary\.txt: expected a token a line, received an empty file/,
    )
  })
})

test('what was adapted here is kept with the model', async () => {
  const lookup = layers.integerLookup({ outputMode: 'tfIdf', inputShape: [2] })
  await lookup.adapt([
    [4, 4],
    [7, 9],
  ])
  const model = sequential([lookup, layers.dense({ units: 1 })])
  const x = tensor([[4, 9]], { dtype: 'int64' })
  const again = await readKeras(await writeKeras(model))
  expect(await (await again.predict(x)).toArray()).toEqual(await (await model.predict(x)).toArray())
})
