import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { miniLMFolder } from './minilm.ts'
import { output } from './program.ts'

test('MiniLM finds what BM25 does not, and a question is answered with its passage and sentence', {
  timeout: 600_000,
}, async ({ skip }) => {
  const missing = await miniLMFolder().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
  if (missing !== undefined) return skip(missing)
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-search-'))
  const text = await output('semantic-search.ts', '--evaluate', '--output', folder)
  const measured = (name: string): number[] =>
    (new RegExp(`^${name} +([\\d.]+) % +([\\d.]+)$`, 'm').exec(text.replaceAll('\u00a0', ' ')) ?? [])
      .slice(1)
      .map(Number)
  const [recall = 0, reciprocal = 0] = measured('MiniLM')
  const [baseline = 0] = measured('BM25')
  // Four questions fewer than the program's first lines say: pages change.
  expect(recall, text).toBeGreaterThanOrEqual(70)
  expect(reciprocal).toBeGreaterThan(0.5)
  expect(baseline).toBeGreaterThan(45)

  // The second run finds the vectors.
  const file = join(folder, 'embeddings.safetensors')
  const { mtimeMs } = await stat(file)
  const answer = await output('semantic-search.ts', 'how do I freeze layers?', '--output', folder)
  expect(answer).not.toContain('Embedding')
  expect((await stat(file)).mtimeMs).toBe(mtimeMs)
  expect(answer).toMatch(
    /^1\. Models › Freezing layers\n {3}docs\/guide\/models\.md#freezing-layers \(0\.\d\d\)$/m,
  )
  expect(answer.replace(/\s+/g, ' ')).toContain('»trainable = false freezes a layer and all layers in it;')
  for (const line of answer.split('\n')) if (!/^ {5}/.test(line)) expect(line.length).toBeLessThanOrEqual(80)
  await rm(folder, { recursive: true })
})
