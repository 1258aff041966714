import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptEmbeddings } from './embeddings-file.ts'

test('vectors are made once for the same texts and model', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-embeddings-'))
  const file = join(folder, 'new', 'embeddings.safetensors')
  let calls = 0
  const embed = async (texts: readonly string[]) => {
    calls += 1
    return texts.map((text) => Float32Array.of(text.length, calls, 0.1))
  }
  const first = await keptEmbeddings(file, 'model', ['a', 'bcd'], embed)
  const second = await keptEmbeddings(file, 'model', ['a', 'bcd'], embed)
  expect(second).toEqual(first)
  expect(calls).toBe(1)
  expect((await keptEmbeddings(file, 'model', ['a', 'bc'], embed))[1]).toEqual(Float32Array.of(2, 2, 0.1))
  await keptEmbeddings(file, 'other model', ['a', 'bc'], embed)
  expect(calls).toBe(3)
  await rm(folder, { recursive: true })
})
