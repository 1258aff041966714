import { expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import { textInputs } from './text-batches.ts'

// A classifier on a decoder looks for a text's end by it: with another id, it would learn from the padding.
test('texts of a batch are filled up with what the model takes for padding, as in prediction', async () => {
  const golden = readPipelines<object>('pipelines-decoders')
  const folder = pipelineFolder(golden, 'llama')
  const [model, tokenizer] = [await fromPretrained(folder), await loadTokenizer(folder)]
  const padding = model.config.pad_token_id
  expect([tokenizer.padId, typeof padding]).toEqual([undefined, 'number'])
  expect(padding).not.toBe(0)
  const encoding = tokenizer.encode('short')
  const { inputs, length } = textInputs(model, tokenizer, [encoding], undefined)
  const ids = Array.from((await inputs.input_ids?.data()) ?? [], Number)
  expect(ids.slice(encoding.length)).toEqual(new Array(length - encoding.length).fill(padding))
  expect(length).toBeGreaterThan(encoding.length)
})
