import { rmSync } from 'node:fs'
import type { Tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import {
  callOf,
  describeAsInPython,
  type GoldenValues,
  goldenFolder,
  inputsOf,
  readGolden,
} from '../testing/golden.ts'

describeAsInPython('clip')
describeAsInPython('clip-text')
describeAsInPython('clip-vision')

const golden = readGolden('clip')
const folder = goldenFolder(golden)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['CLIPTextModelWithProjection', 'text_embeds'],
  ['CLIPVisionModelWithProjection', 'image_embeds'],
])('%s of a checkpoint of both towers gives the %s of both', async (className, name) => {
  const model = await fromPretrained(folder, { className })
  const [one] = golden.cases
  if (one === undefined) throw new Error('a case')
  const [first, context] = callOf(model, inputsOf(one))
  const embeds = model.network.outputs(first, context)[name] as Tensor
  const lengths = embeds.square().sum(-1, { keepDims: true }).sqrt()
  const expected = one.outputs[name] as GoldenValues
  expect(embeds.shape).toEqual(expected.shape)
  expectClose(await embeds.div(lengths).data(), expected.values, { scaled: 1e-5 })
})
