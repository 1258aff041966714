import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'
import type { AggregationStrategy, Entity } from './token-classification.ts'

interface PythonEntity extends Omit<Entity, 'entity'> {
  readonly entity?: string
  readonly entity_group?: string
}

interface Results {
  readonly 'token-classification': {
    readonly texts: readonly string[]
    readonly results: Readonly<Record<AggregationStrategy, readonly (readonly PythonEntity[])[]>>
    readonly ignored: readonly PythonEntity[]
  }
}

const golden = readPipelines<Results>('pipelines')
const { texts, results, ignored } = golden['token-classification']
const folder = pipelineFolder(golden, 'tags')

function expectEntities(found: readonly Entity[] | undefined, expected: readonly PythonEntity[]): void {
  const named = expected.map(({ entity, entity_group, score, ...place }) => ({
    ...place,
    entity: entity ?? entity_group,
    score: expect.closeTo(score, 4),
  }))
  expect(found).toEqual(named)
}

test.for(['none', 'simple', 'first', 'average', 'max'] as const)(
  'tags, scores and places are Python’s: %s',
  async (aggregationStrategy) => {
    const tag = await pipeline('token-classification', folder)
    const found = await tag(texts, { aggregationStrategy })
    for (const [i, expected] of results[aggregationStrategy].entries()) expectEntities(found[i], expected)
  },
)

test('labels that are ignored are left out', async () => {
  const tag = await pipeline('token-classification', folder)
  expectEntities(await tag(texts[0] as string, { ignoreLabels: ['B-PER', 'I-PER'] }), ignored)
})

test('a text that is too long is cut into windows that share tokens; places are those of the text', async () => {
  const tag = await pipeline('token-classification', folder)
  const long = new Array(4).fill(texts[0]).join(' ')
  await expect(tag(long)).rejects.toThrow(/at most 48 tokens/)
  const entities = await tag(long, { stride: 8, aggregationStrategy: 'first' })
  expect(entities.length).toBeGreaterThan(8)
  expect(entities.at(-1)?.end).toBeGreaterThan(long.length - 30)
  for (const [i, { start, end, word }] of entities.entries()) {
    expect(start).toBeGreaterThanOrEqual(entities[i - 1]?.end ?? 0)
    const letters = (text: string) => text.toLowerCase().replaceAll(' ', '')
    expect(letters(long.slice(start, end))).toBe(letters(word))
  }
  await expect(tag(long, { stride: 8 })).rejects.toThrow(/aggregationStrategy other than 'none'/)
})
