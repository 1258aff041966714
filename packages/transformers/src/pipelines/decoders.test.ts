import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'
import type { LabelScore } from './scores.ts'

interface Results {
  readonly texts: readonly string[]
  readonly results: Readonly<Record<string, readonly (readonly LabelScore[])[]>>
}

const golden = readPipelines<Results>('pipelines-decoders')

// Together they are filled up, each with what its model takes for padding: the results are those of each text alone.
test.each(['gpt2', 'gpt2 without', 'llama'])(
  'a decoder whose tokenizer has no padding classifies as in Python: %s',
  async (name) => {
    const classify = await pipeline('text-classification', pipelineFolder(golden, name))
    const found = await classify(golden.texts, { topK: null })
    expect(found).toEqual(
      golden.results[name]?.map((scores) =>
        scores.map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) })),
      ),
    )
  },
)
