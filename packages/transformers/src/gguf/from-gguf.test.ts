import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, FormatError } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { fromGguf } from './from-gguf.ts'

const golden = (name: string) => fileURLToPath(new URL(`../../golden/${name}`, import.meta.url))

interface Golden {
  readonly ids: readonly (readonly number[])[]
  readonly logits: { readonly shape: readonly number[]; readonly values: readonly number[] }
}

describe.each(['llama', 'llama3', 'qwen2', 'qwen3', 'gemma2'])('%s', (name) => {
  const { ids, logits } = JSON.parse(readFileSync(golden(`gguf-${name}.json`), 'utf8')) as Golden
  const inputs = tensor(ids as number[][], { dtype: 'int32' })
  const logitsOf = async (weights: 'kept' | 'float32') => {
    const model = await fromGguf(golden(`gguf-${name}.gguf`), { weights })
    const got = model.network.outputs(inputs, { training: false }).logits as Tensor
    expect(got.shape).toEqual(logits.shape)
    return { model, got: (await got.data()) as Float32Array }
  }

  test('as floats gives the logits of Hugging Face', async () => {
    const { got } = await logitsOf('float32')
    expectClose(got, logits.values, { scaled: 1e-4 })
  })

  test('in few bits gives them as nearly as products of 8 bits do', async () => {
    const { got, model } = await logitsOf('kept')
    expectClose(got, logits.values, { scaled: 0.05 })
    const matrices = model.weights.filter(({ shape }) => shape.length === 3)
    expect(matrices.every(({ dtype }) => dtype === 'uint8')).toBe(true)
    expect(matrices.length).toBeGreaterThan(14)
  })
})

test('names all that is wrong at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-gguf-'))
  try {
    const bytes = readFileSync(golden('gguf-llama.gguf'))
    for (const [before, after] of [
      ['blk.0.attn_q.weight', 'blk.0.attn_x.weight'],
      ['blk.1.ffn_up.weight', 'blk.1.ffn_op.weight'],
    ] as const)
      bytes.write(after, bytes.indexOf(before), 'latin1')
    const path = join(folder, 'model.gguf')
    writeFileSync(path, bytes)
    const failed = fromGguf(path)
    await expect(failed).rejects.toThrow(FormatError)
    for (const text of [
      "'blk.0.attn_q.weight' is missing",
      "'blk.1.ffn_up.weight' is missing",
      "'blk.1.ffn_op.weight' is for no weight",
    ])
      await expect(failed).rejects.toThrow(text)
    const other = readFileSync(golden('gguf-llama.gguf'))
    // The value stands behind its key.
    other.write('lamma', other.indexOf('llama', other.indexOf('general.architecture')), 'latin1')
    writeFileSync(path, other)
    await expect(fromGguf(path)).rejects.toThrow(ArgumentError)
    await expect(fromGguf(path)).rejects.toThrow("The nearest is 'llama'")
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('refuses options that are none', async () => {
  await expect(fromGguf('x.gguf', { weights: 'int8' as 'kept' })).rejects.toThrow(
    "expected 'kept' or 'float32'",
  )
})
