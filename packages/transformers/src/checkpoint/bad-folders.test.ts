import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSafetensors } from 'typegrad'
import { ArgumentError, FormatError } from 'typegrad/core'
import { encodeSafetensors, type NamedSafetensorsEntry } from 'typegrad/formats'
import { type Draw, damagedBytes, damagedJson, fuzz } from 'typegrad/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { goldenFolder, readGolden, weightValues } from '../testing/golden.ts'
import { fromPretrained, loadCheckpoint } from './from-pretrained.ts'
import { PretrainedModel } from './pretrained-model.ts'

const golden = readGolden('gpt2-lm')
let folder: string
beforeEach(() => {
  folder = goldenFolder(golden)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const entries = (): NamedSafetensorsEntry[] =>
  golden.weights.map((weight) => ({
    name: weight.name,
    dtype: 'float32',
    shape: weight.shape,
    data: weightValues(weight),
  }))
const write = (tensors: readonly NamedSafetensorsEntry[]) =>
  writeFileSync(
    join(folder, 'model.safetensors'),
    Buffer.concat(encodeSafetensors(tensors, { format: 'pt' })),
  )
const config = (changes: object) =>
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...golden.config, ...changes }))

describe('weights that do not fit are all named, as the checkpoint names them, and none is loaded', () => {
  const damaged = () => {
    const [first, second, third, ...rest] = entries() as [
      NamedSafetensorsEntry,
      NamedSafetensorsEntry,
      NamedSafetensorsEntry,
      ...NamedSafetensorsEntry[],
    ]
    return [
      { ...second, shape: [...second.shape].reverse() },
      { ...third, name: 'transformer.h.0.ln_7.weight' },
      { ...first, dtype: 'int32' as const, data: new Int32Array(first.data.length) },
      { name: 'classifier.weight', dtype: 'float32' as const, shape: [1], data: new Float32Array(1) },
      ...rest,
    ]
  }

  test('in one message', async () => {
    write(damaged())
    const model = new PretrainedModel(golden.config)
    const before = await Promise.all(model.weights.map((weight) => weight.value.data()))
    const failure = loadCheckpoint(model, join(folder, 'model.safetensors'))
    await expect(failure).rejects.toThrow(FormatError)
    for (const part of [
      `tensors for all ${golden.weights.length} weights of GPT2LMHeadModel`,
      "nothing for 'transformer.h.0.ln_1.weight'",
      "besides 'transformer.h.0.ln_7.weight', 'classifier.weight'",
      "'transformer.wpe.weight' float32 [24, 32], expected float32 [32, 24]",
      "'transformer.wte.weight' int32 [61, 24], expected float32 [61, 24]",
    ])
      await expect(failure).rejects.toThrow(part)
    const after = await Promise.all(model.weights.map((weight) => weight.value.data()))
    expect(after).toEqual(before)
  })

  test('strict: false loads what fits, and refuses other shapes all the same', async () => {
    write(damaged())
    await expect(fromPretrained(folder, { strict: false })).rejects.toThrow(/of another shape/)
    const [first, , ...rest] = entries()
    write([...(first === undefined ? [] : [first]), ...rest])
    const model = await fromPretrained(folder, { strict: false })
    const [wte] = model.checkpointWeights
    expect(await wte?.weight.value.data()).toEqual(first?.data)
    expect(model.begunAnew).toEqual(['transformer.wpe.weight'])
    await expect(fromPretrained(folder)).rejects.toThrow(/nothing for 'transformer\.wpe\.weight'/)
  })

  test('ignoreMismatched: true lets weights of another shape begin anew, and nothing else', async () => {
    const [first, second, ...rest] = entries() as [NamedSafetensorsEntry, NamedSafetensorsEntry]
    const turned = { ...second, shape: [...second.shape].reverse() }
    write([first, turned, ...rest])
    await expect(fromPretrained(folder)).rejects.toThrow(/of another shape.*ignoreMismatched: true/)
    const model = await fromPretrained(folder, { ignoreMismatched: true })
    expect(model.begunAnew).toEqual(['transformer.wpe.weight'])
    const [wte, wpe] = model.checkpointWeights
    expect(await wte?.weight.value.data()).toEqual(first.data)
    expect(await wpe?.weight.value.data()).not.toEqual(second.data)
    write([first, turned, ...rest.slice(1)])
    await expect(fromPretrained(folder, { ignoreMismatched: true })).rejects.toThrow(
      /nothing for 'transformer\.h\.0\.ln_1\.weight'/,
    )
  })

  test('the second name of a tied weight counts where the first is missing', async () => {
    const [first, ...rest] = entries() as [NamedSafetensorsEntry, ...NamedSafetensorsEntry[]]
    write([...rest, { ...first, name: 'lm_head.weight' }])
    const model = await fromPretrained(folder)
    expect(await model.checkpointWeights[0]?.weight.value.data()).toEqual(first.data)
    // With both, the second is left out.
    write([{ ...first, name: 'lm_head.weight', data: new Float32Array(first.data.length) }, first, ...rest])
    expect(await (await fromPretrained(folder)).checkpointWeights[0]?.weight.value.data()).toEqual(first.data)
  })

  test('two tensors for one weight', async () => {
    const [first] = entries() as [NamedSafetensorsEntry]
    write([...entries(), { ...first, name: 'wte.weight' }])
    await expect(fromPretrained(folder)).rejects.toThrow("'transformer.wte.weight' and 'wte.weight'")
  })
})

describe('shards', () => {
  const shards = async () => {
    rmSync(join(folder, 'model.safetensors'))
    await writeSafetensors(
      join(folder, 'model.safetensors'),
      entries().map((entry) => [entry.name, entry]),
      { maxShardBytes: 10_000 },
    )
    const index = JSON.parse(readFileSync(join(folder, 'model.safetensors.index.json'), 'utf8')) as {
      weight_map: Record<string, string>
    }
    return [...new Set(Object.values(index.weight_map))]
  }

  test('are read by their index', async () => {
    expect((await shards()).length).toBeGreaterThan(2)
    const model = await fromPretrained(folder)
    expect(await model.checkpointWeights[0]?.weight.value.data()).toEqual(entries()[0]?.data)
  })

  test('absent', async () => {
    const [, second] = await shards()
    rmSync(join(folder, second ?? ''))
    await expect(fromPretrained(folder)).rejects.toThrow(second)
  })

  test('cut', async () => {
    const [, second] = await shards()
    truncateSync(join(folder, second ?? ''), 5000)
    await expect(fromPretrained(folder)).rejects.toThrow(FormatError)
  })

  test('longer than its header says', async () => {
    const [, second] = await shards()
    writeFileSync(join(folder, second ?? ''), new Uint8Array(100), { flag: 'a' })
    await expect(fromPretrained(folder)).rejects.toThrow(FormatError)
  })
})

describe('configurations', () => {
  test.each([
    [
      'an architecture that is not known',
      { model_type: 'gpt3' },
      ArgumentError,
      /nearest is 'gpt2'.*registerArchitecture/,
    ],
    ['no architecture', { model_type: undefined }, FormatError, /config\.json: model_type.*nothing/],
    [
      'a class that is not known',
      { architectures: ['GPT2ForMagic'] },
      ArgumentError,
      /GPT2LMHeadModel.*'GPT2ForMagic'/,
    ],
    ['words for numbers', { n_embd: 'many' }, FormatError, /n_embd.*"many"/],
    ['more layers than memory', { n_layer: 2 ** 40 }, FormatError, /n_layer/],
  ] as const)('%s', async (_, changes, kind, message) => {
    config(changes)
    const failure = fromPretrained(folder)
    await expect(failure).rejects.toThrow(kind)
    await expect(failure).rejects.toThrow(message)
  })

  test.each([
    ['no JSON', '{'],
    ['a list', '[1]'],
    ['nothing', ''],
  ])('%s', async (_, text) => {
    writeFileSync(join(folder, 'config.json'), text)
    await expect(fromPretrained(folder)).rejects.toThrow(/config\.json: expected/)
  })
})

test('damaged folders are refused with an error of the library, or read whole', async () => {
  const files = ['config.json', 'model.safetensors', 'generation_config.json'] as const
  writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": 3}')
  const sound = files.map((file) => new Uint8Array(readFileSync(join(folder, file))))
  const target = mkdtempSync(join(tmpdir(), 'typegrad-fuzz-'))
  const damage = (file: string, bytes: Uint8Array, draw: Draw): Uint8Array =>
    file.endsWith('.json') && draw(2) === 0
      ? damagedJson(JSON.parse(new TextDecoder().decode(bytes)), draw)
      : // Headers more often than elements, of which any are right.
        damagedBytes(draw(2) === 0 ? bytes.subarray(0, 4000) : bytes, draw)
  const read = async (draw: Draw) => {
    const damaged = draw(files.length)
    for (const [i, file] of files.entries()) {
      const bytes = sound[i] as Uint8Array
      writeFileSync(join(target, file), i === damaged ? damage(file, bytes, draw) : bytes)
    }
    await fromPretrained(target)
  }
  const { cases, refused, failures } = await fuzz(
    { read },
    Array.from({ length: 60 }, (_, i) => i),
  )
  rmSync(target, { recursive: true })
  expect(failures).toEqual([])
  expect(cases).toBe(60)
  expect(refused).toBeGreaterThan(20)
})
