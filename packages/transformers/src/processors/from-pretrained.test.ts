import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processorFromPretrained } from './from-pretrained.ts'
import { ImageProcessor } from './image-processor.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-processors-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (text: string) => writeFileSync(join(folder, 'preprocessor_config.json'), text)

test('a folder without the file is refused, naming it', async () => {
  await expect(processorFromPretrained(join(folder, 'none'))).rejects.toThrow(/preprocessor_config.json/)
})

test('a file that is cut is refused', async () => {
  write('{ "image_processor_type": ')
  await expect(processorFromPretrained(folder)).rejects.toThrow(FormatError)
})

test('the processor that the file names', async () => {
  write('{ "feature_extractor_type": "CLIPFeatureExtractor", "size": 12, "crop_size": 8 }')
  const processor = await processorFromPretrained(folder)
  if (!(processor instanceof ImageProcessor)) throw new Error('a processor of pictures')
  const picture = { data: new Uint8Array(20 * 30 * 3), width: 20, height: 30, channels: 3 } as const
  expect((await processor.process(picture)).pixel_values.shape).toEqual([1, 3, 8, 8])
})
