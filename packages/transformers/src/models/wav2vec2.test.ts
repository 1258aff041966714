import { rmSync } from 'node:fs'
import type { Tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { callOf, describeAsInPython, goldenFolder, inputsOf, readGolden } from '../testing/golden.ts'

// Normalization of the first convolution's channels over time, and behind each part.
describeAsInPython('wav2vec2-group')
// Normalization of all convolutions, and before each part.
describeAsInPython('wav2vec2-layer')

test('a checkpoint with the names that weight normalization had before 2023', async () => {
  const golden = readGolden('wav2vec2-group')
  const folder = goldenFolder(golden, (name) =>
    name
      .replace('parametrizations.weight.original0', 'weight_g')
      .replace('parametrizations.weight.original1', 'weight_v'),
  )
  try {
    const model = await fromPretrained(folder)
    const [one] = golden.cases
    if (one === undefined) throw new Error('a case')
    const [sound, context] = callOf(model, inputsOf(one))
    const { logits } = model.network.outputs(sound, context)
    const values = one.outputs.logits?.values ?? []
    expect(values.length).toBeGreaterThan(0)
    expectClose(await (logits as Tensor).data(), Float32Array.from(values), { scaled: 1e-4 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
