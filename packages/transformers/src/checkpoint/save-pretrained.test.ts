import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors, writeSafetensors } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { goldenFolder, readGolden } from '../testing/golden.ts'
import { fromPretrained } from './from-pretrained.ts'
import { PretrainedModel } from './pretrained-model.ts'
import { storedTensors } from './save-pretrained.node.ts'

interface Saved {
  readonly tensors: Readonly<Record<string, readonly number[]>>
  readonly dtypes: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly config: Readonly<Record<string, unknown>>
}

const saved = JSON.parse(
  readFileSync(new URL('../../golden/saved.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Saved>>

let source: string
let folder: string
beforeEach(() => {
  source = goldenFolder(readGolden('gpt2-lm'))
  folder = join(mkdtempSync(join(tmpdir(), 'typegrad-saved-')), 'model')
})
afterEach(() => {
  rmSync(source, { recursive: true })
  rmSync(join(folder, '..'), { recursive: true })
})

const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const valuesOf = (model: PretrainedModel) => Promise.all(model.weights.map((weight) => weight.value.data()))

/** Tensors that Python's classes have and nothing reads: an embedding beside those of encoder and decoder. */
const unread: Readonly<Record<string, readonly string[]>> = { 'bart-untied': ['model.shared.weight'] }

describe('is what Python writes', () => {
  test.each(Object.entries(saved))('%s: names and shapes', (file, expected) => {
    const model = new PretrainedModel(readGolden(file).config)
    const shapes = storedTensors(model).map(([name, { shape }]) => [name, shape] as const)
    const wanted = Object.entries(expected.tensors).filter(([name]) => !unread[file]?.includes(name))
    expect(Object.fromEntries(shapes)).toEqual(Object.fromEntries(wanted))
    expect(expected.dtypes).toEqual(['F32'])
  })

  test.each(['gpt2', 'gpt-neox-lm'])('%s: the folder', async (file) => {
    const [golden, expected] = [readGolden(file), saved[file] as Saved]
    await new PretrainedModel(golden.config).savePretrained(folder)
    const { tensors, metadata } = await readSafetensors(join(folder, 'model.safetensors'))
    expect([...tensors.keys()].sort()).toEqual(Object.keys(expected.tensors).sort())
    expect([...tensors.values()].every(({ stored }) => stored === 'float32')).toBe(true)
    expect(metadata).toEqual(expected.metadata)
    expect(json('config.json')).toEqual({
      ...golden.config,
      ...expected.config,
      transformers_version: golden.config.transformers_version,
    })
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors'])
  })
})

describe('is read back', () => {
  test('bit for bit in float32, whole and in shards, with generation_config.json', async () => {
    writeFileSync(join(source, 'generation_config.json'), '{"eos_token_id": 3}')
    const model = await fromPretrained(source)
    for (const options of [{}, { maxShardBytes: 10_000 }]) {
      await model.savePretrained(folder, options)
      expect(existsSync(join(folder, 'model.safetensors'))).toBe(options.maxShardBytes === undefined)
      const again = await fromPretrained(folder)
      expect(await valuesOf(again)).toEqual(await valuesOf(model))
      expect(again.generationConfig).toEqual({ eos_token_id: 3 })
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(2)
  })

  test.each(['float16', 'bfloat16'] as const)('rounded once in %s', async (dtype) => {
    const model = await fromPretrained(source)
    await model.savePretrained(folder, { dtype })
    expect(json('config.json')).toMatchObject({ dtype })
    const { tensors } = await readSafetensors(join(folder, 'model.safetensors'))
    expect(new Set([...tensors.values()].map(({ stored }) => stored))).toEqual(new Set([dtype]))
    const once = await fromPretrained(folder)
    const share = dtype === 'float16' ? 2 ** -11 : 2 ** -8
    const [before, after] = [await valuesOf(model), await valuesOf(once)]
    expect(after).not.toEqual(before)
    for (const [i, values] of before.entries())
      for (const [j, value] of values.entries())
        expect(Math.abs(Number(after[i]?.[j]) - Number(value))).toBeLessThanOrEqual(
          share * Math.abs(Number(value)) + 2 ** -25,
        )
    await once.savePretrained(folder, { dtype })
    expect(await valuesOf(await fromPretrained(folder))).toEqual(after)
  })

  test.each(['float8e4m3', 'float8e5m2'] as const)('%s is read', async (dtype) => {
    const model = await fromPretrained(source)
    const tensors = model.checkpointWeights.map(({ name, weight }) => [name, weight.value] as const)
    await writeSafetensors(join(source, 'model.safetensors'), tensors, { dtype })
    const narrow = await fromPretrained(source)
    const [before, after] = [await valuesOf(model), await valuesOf(narrow)]
    const share = dtype === 'float8e4m3' ? 2 ** -4 : 2 ** -3
    for (const [i, values] of before.entries())
      for (const [j, value] of values.entries())
        expect(Math.abs(Number(after[i]?.[j]) - Number(value))).toBeLessThanOrEqual(
          share * Math.abs(Number(value)) + 2 ** -10,
        )
  })

  test('after training, into the folder that it came from, with the tokenizer left there', async () => {
    writeFileSync(join(source, 'tokenizer.json'), '{}')
    writeFileSync(join(source, 'pytorch_model.bin'), 'old')
    mkdirSync(join(source, '1_Pooling'))
    writeFileSync(join(source, '1_Pooling/config.json'), '{"a": 1}')
    const model = await fromPretrained(source)
    const [weight] = model.weights
    weight?.assign(weight.value.add(1))
    await model.savePretrained(source)
    expect(readdirSync(source).sort()).toEqual([
      '1_Pooling',
      'config.json',
      'model.safetensors',
      'tokenizer.json',
    ])
    expect(readFileSync(join(source, '1_Pooling/config.json'), 'utf8')).toBe('{"a": 1}')
    expect(await valuesOf(await fromPretrained(source))).toEqual(await valuesOf(model))
  })

  test('as another class of the same body', async () => {
    const model = await fromPretrained(source, { className: 'GPT2Model' })
    await model.savePretrained(folder)
    expect(json('config.json')).toMatchObject({ architectures: ['GPT2Model'] })
    const { tensors } = await readSafetensors(join(folder, 'model.safetensors'))
    expect([...tensors.keys()]).toContain('wte.weight')
    const lm = await fromPretrained(folder, { className: 'GPT2LMHeadModel' })
    expect(await valuesOf(lm)).toEqual(await valuesOf(model))
  })
})

describe('the older model stays', () => {
  test('when the new one cannot be written', async () => {
    const model = await fromPretrained(source)
    await model.savePretrained(folder)
    const before = readFileSync(join(folder, 'model.safetensors'))
    model.generationConfig = {
      get broken(): never {
        throw new Error('disk full')
      },
    }
    await expect(model.savePretrained(folder, { dtype: 'float16' })).rejects.toThrow('disk full')
    expect(readFileSync(join(folder, 'model.safetensors'))).toEqual(before)
    expect(json('config.json')).toMatchObject({ dtype: 'float32' })
    expect(readdirSync(join(folder, '..'))).toEqual(['model'])
  })

  test('and a folder of other things', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'diary.txt'), 'dear')
    const model = await fromPretrained(source)
    await expect(model.savePretrained(folder)).rejects.toThrow(ArgumentError)
    expect(readFileSync(join(folder, 'diary.txt'), 'utf8')).toBe('dear')
    await expect(model.savePretrained('')).rejects.toThrow(/a path/)
    // @ts-expect-error: a dtype that Python would need a quantizer for
    await expect(model.savePretrained(folder, { dtype: 'float8e4m3' })).rejects.toThrow(ArgumentError)
  })
})
