import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, mergeAdapters, optimizers, setRandomSeed, type Tensor, tensor } from 'typegrad'
import { ArgumentError, FormatError, StateError } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { weightBytes } from '../quantize/compare.ts'
import { quantizeModel } from '../quantize/quantize-model.ts'
import { loadAdapter, saveAdapter } from './adapter-files.ts'
import { stateOf } from './adapter-state.ts'
import {
  type AdapterConfig,
  adapterNames,
  addAdapter,
  deleteAdapter,
  mergeAdapter,
  setAdapter,
  unmergeAdapter,
} from './adapters.ts'
import { ia3 } from './ia3-config.ts'
import { lora } from './lora-config.ts'
import { adapterMethod } from './method.ts'

const config = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  vocab_size: 40,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 16,
  initializer_range: 0.2,
}
const made = (more: object = {}): PretrainedModel => {
  setRandomSeed(4)
  return new PretrainedModel({ ...config, ...more })
}
const ids = tensor([[3, 17, 30, 5, 9, 22]], { dtype: 'int32' })
const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)
const logitsOf = (model: PretrainedModel): Tensor =>
  model.network.outputs(ids, { training: false }).logits as Tensor

/** Gives an adapter's update numbers that are not zero. */
function teach(model: PretrainedModel, name: string, size = 0.3): void {
  for (const { variable } of stateOf(model).held.get(name)?.stored ?? []) {
    const count = variable.shape.reduce((a, b) => a * b, 1)
    const wave = Float32Array.from({ length: count }, (_, i) => size * Math.sin(1.3 * i + name.length))
    variable.assign(variable.value.add(tensor(wave).reshape(variable.shape)))
  }
}

test('adapters over one body are switched in one program, add up, and go', async () => {
  const model = made()
  let traces = 0
  const run = compile(() => {
    traces++
    return logitsOf(model)
  })
  const plain = await numbersOf(await run())
  await addAdapter(model, lora({ rank: 2, targets: ['q_proj', 'v_proj'] }), 'french')
  await addAdapter(model, lora({ rank: 3, alpha: 6, targets: 'all-linear', exclude: ['lm_head'] }), 'german')
  await addAdapter(model, ia3(), 'short')
  // Nothing has been learnt yet.
  expectClose(await numbersOf(await run()), plain)
  for (const name of ['french', 'german', 'short']) teach(model, name)
  const outputs = new Map<string, number[]>()
  const before = traces
  for (const name of ['french', 'german', 'short']) {
    setAdapter(model, name)
    const got = await numbersOf(await run())
    outputs.set(name, got)
    expect(Math.max(...got.map((x, i) => Math.abs(x - (plain[i] as number))))).toBeGreaterThan(0.01)
  }
  setAdapter(model, ['french', 'german'])
  const both = await numbersOf(await run())
  setAdapter(model, undefined)
  expect(await numbersOf(await run())).toEqual(plain)
  expect(traces).toBe(before)

  setAdapter(model, 'french')
  await mergeAdapter(model)
  expectClose(await numbersOf(await run()), outputs.get('french') as number[], { scaled: 1e-5 })
  expect(() => setAdapter(model, 'german')).toThrow(StateError)
  unmergeAdapter(model)
  setAdapter(model, ['french', 'german'])
  mergeAdapters(model)
  expect(adapterNames(model).all).toEqual([])
  expectClose(await numbersOf(await run()), both, { scaled: 1e-5 })
})

test('only the adapter at work is trained, with moments of its own alone', async () => {
  const model = made()
  await addAdapter(model, lora({ rank: 2 }), 'one')
  await addAdapter(model, lora({ rank: 2 }), 'other')
  const variables = (name: string) =>
    stateOf(model)
      .held.get(name)
      ?.stored.map(({ variable }) => variable) ?? []
  expect(model.trainableWeights).toEqual(variables('other'))
  setAdapter(model, 'one')
  model.compile({ optimizer: 'adam', loss: { logits: 'mse' } })
  const before = await Promise.all(model.weights.map(({ value }) => numbersOf(value)))
  const inputs = { input_ids: ids, attention_mask: tensor([[1, 1, 1, 1, 1, 1]], { dtype: 'int32' }) }
  await model.trainOnBatch(inputs, { logits: logitsOf(model).mul(0.5) })
  await model.trainOnBatch(inputs, { logits: logitsOf(model).mul(0.5) })
  const after = await Promise.all(model.weights.map(({ value }) => numbersOf(value)))
  const changed = model.weights.filter((_, i) => JSON.stringify(before[i]) !== JSON.stringify(after[i]))
  expect(new Set(changed)).toEqual(new Set(variables('one')))
  const kept = model.optimizer.variables.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  const trained = variables('one').reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  expect(kept).toBeLessThan(2 * trained + 10)
})

test('dropout changes training, and predictions not', async () => {
  const model = made()
  await addAdapter(model, lora({ rank: 2, targets: 'all-linear', dropout: 0.5 }))
  const train = compile((): Tensor => model.network.apply(ids, { training: true }))
  // B is zeros: nothing of the base is dropped.
  expectClose(await numbersOf(await train()), await numbersOf(logitsOf(model)))
  teach(model, 'default')
  const [first, second] = [await numbersOf(await train()), await numbersOf(await train())]
  expect(first).not.toEqual(second)
  expect(await numbersOf(logitsOf(model))).toEqual(await numbersOf(logitsOf(model)))
})

test('LoRA+ moves B faster than A', async () => {
  const stepOf = async (plusRatio: number) => {
    const model = made()
    const method = adapterMethod(lora({ rank: 2, plusRatio }))
    await method.prepare(model)
    teach(model, 'default')
    const make = (factor = 1) => optimizers.sgd({ learningRate: 0.01 * factor })
    model.compile({ optimizer: method.optimizer?.(model, make) ?? make(), loss: { logits: 'mse' } })
    const stored = stateOf(model).held.get('default')?.stored ?? []
    const parts = stored.slice(0, 2).map(({ variable }) => variable)
    expect(stored.slice(0, 2).map(({ names }) => names[0]?.match(/lora_[AB]/)?.[0])).toEqual([
      'lora_A',
      'lora_B',
    ])
    const before = await Promise.all(parts.map(({ value }) => numbersOf(value)))
    const inputs = { input_ids: ids, attention_mask: tensor([[1, 1, 1, 1, 1, 1]], { dtype: 'int32' }) }
    await model.trainOnBatch(inputs, { logits: logitsOf(model).mul(0.5) })
    const after = await Promise.all(parts.map(({ value }) => numbersOf(value)))
    return after.map((now, part) => now.map((x, i) => x - (before[part]?.[i] as number)))
  }
  const [plain, plus] = [await stepOf(1), await stepOf(8)]
  expectClose(plus[0] as number[], plain[0] as number[])
  expectClose(
    plus[1] as number[],
    (plain[1] as number[]).map((x) => 8 * x),
    { scaled: 1e-3 },
  )
})

test('a body of 4 bits takes an adapter, which is all that learns', async () => {
  const model = made()
  const whole = weightBytes(model)
  await quantizeModel(model, { bits: 4, filter: '**/{self_attn,mlp}/**' })
  const quantized = weightBytes(model)
  const plain = await numbersOf(logitsOf(model))
  await addAdapter(model, lora({ rank: 2, targets: 'all-linear' }))
  expect(await numbersOf(logitsOf(model))).toEqual(plain)
  const added = weightBytes(model) - quantized
  const numbers = stateOf(model)
    .held.get('default')
    ?.stored.reduce((sum, { variable }) => sum + variable.shape.reduce((a, b) => a * b, 1), 0)
  // The adapter in float32, and its switch.
  expect(added).toBe(4 * ((numbers ?? 0) + 1))
  expect(quantized).toBeLessThan(0.6 * whole)
  expect(model.trainableWeights.length).toBe(2 * 7)
  expect(model.weights.filter(({ dtype }) => dtype === 'uint8').length).toBe(7)
  await expect(mergeAdapter(model)).rejects.toThrow(/of few bits/)
  await expect(addAdapter(made(), lora({ initializer: 'pissa' }))).resolves.toBeUndefined()
  deleteAdapter(model, 'default')
  await expect(addAdapter(model, lora({ initializer: 'pissa' }))).rejects.toThrow(/kept in few bits/)
  expect(await numbersOf(logitsOf(model))).toEqual(plain)
})

describe('what cannot be is refused before anything changes', () => {
  const refused: readonly (readonly [string, () => AdapterConfig, RegExp])[] = [
    [
      'a name that fits nothing',
      () => lora({ targets: ['q_projj'] }),
      /'q_projj', which fits none. Did you mean 'q_proj'\? There are 'embed_tokens', 'q_proj'/,
    ],
    ['one of several', () => lora({ targets: ['q_proj', 'query'] }), /'query', which fits none/],
    [
      'a pattern that fits nothing',
      () => lora({ targets: '.*attention' }),
      /'.\*attention', which fits none/,
    ],
    ['a broken pattern', () => lora({ targets: '(' }), /a regular expression/],
    [
      'a module with no weights',
      () => lora({ modulesToSave: ['classifier'] }),
      /modulesToSave: expected names that fit/,
    ],
    ['layers that are not there', () => lora({ targets: ['q_proj'], layers: [7] }), /fits none/],
    [
      'a table that is the head',
      () => lora({ targets: ['embed_tokens'] }),
      /'model.embed_tokens' is a table/,
    ],
    [
      '(IA)³ on a table',
      () => ia3({ targets: ['embed_tokens', 'k_proj'] }),
      /'model.embed_tokens' is no dense layer/,
    ],
    ['what is no adapter', () => ({ rank: 8 }) as never, /what lora\(\{ … \}\) or ia3/],
    ['a rank of 0', () => lora({ rank: 0 }), /lora: rank: expected a positive whole number/],
    ['a dropout of 1', () => lora({ dropout: 1 }), /lora: dropout/],
    ['PEFT’s word', () => lora({ r: 8 } as never), ArgumentError as never],
  ]
  const model = made({ tie_word_embeddings: true })
  test.each(refused)('%s', async (_, config, message) => {
    const before = model.weights.length
    await expect((async () => addAdapter(model, config()))()).rejects.toThrow(message)
    expect(model.weights.length).toBe(before)
    expect(model.trainableWeights.length).toBe(before)
  })

  test('names, and the order of calls', async () => {
    const one = made()
    await expect(mergeAdapter(one)).rejects.toThrow(/without adapters/)
    expect(() => unmergeAdapter(one)).toThrow(StateError)
    expect(() => setAdapter(one, 'french')).toThrow(/a model with adapters/)
    await addAdapter(one, lora(), 'french')
    await expect(addAdapter(one, lora(), 'french')).rejects.toThrow(/a name that no adapter of the model has/)
    await expect(addAdapter(one, lora(), 'a.b')).rejects.toThrow(/without slashes/)
    await expect(addAdapter(one, lora({ initializer: 'pissa' }), 'more')).rejects.toThrow(
      /a model with 'french'/,
    )
    expect(() => setAdapter(one, 'frensh')).toThrow("Did you mean 'french'?")
    await addAdapter(one, lora({ dora: true }), 'dora')
    expect(() => setAdapter(one, ['french', 'dora'])).toThrow(/an adapter with DoRA alone/)
    await expect(one.savePretrained(join(tmpdir(), 'typegrad-never'))).rejects.toThrow(
      /that adapters compute/,
    )
  })

  describe('files', () => {
    let folder: string
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'typegrad-adapter-'))
      const model = made()
      await addAdapter(model, lora({ rank: 2, targets: ['q_proj', 'down_proj'] }))
      await saveAdapter(model, folder)
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    test('for another base: all that does not fit at once', async () => {
      const wide = made({ intermediate_size: 64, num_hidden_layers: 2 })
      const loading = loadAdapter(wide, folder)
      await expect(loading).rejects.toThrow(FormatError)
      await expect(loading).rejects.toThrow(
        /nothing for 'model.layers.1.self_attn.q_proj.lora_A.weight'.*of another shape.*down_proj.lora_A.weight' float32 \[2, 48\], expected \[2, 64\]/,
      )
      expect(adapterNames(wide).all).toEqual([])
      expect(wide.trainableWeights.length).toBe(wide.weights.length)
    })

    test.each([
      ['another rank', { r: 3 }, /lora_A.weight' float32 \[2, 32\], expected \[3, 32\]/],
      ['targets of another model', { target_modules: ['query'] }, /'query', which fits none/],
      [
        'fewer targets',
        { target_modules: ['q_proj'] },
        /besides 'base_model.model.model.layers.0.mlp.down_proj/,
      ],
      ['another method', { peft_type: 'VERA' }, /expected 'LORA' or 'IA3', received 'VERA'/],
      ['a variant', { use_qalora: true }, /use_qalora: expected false/],
      ['a base that was changed', { init_lora_weights: 'olora' }, /It has changed the base/],
      ['a rank that is none', { r: 'two' }, /adapter_config.json: r: expected a whole number/],
    ])('that say %s', async (_, entries, message) => {
      const other = mkdtempSync(join(tmpdir(), 'typegrad-adapter-'))
      try {
        const model = made()
        await addAdapter(model, lora({ rank: 2, targets: ['q_proj', 'down_proj'] }))
        await saveAdapter(model, other)
        const { readFileSync } = await import('node:fs')
        const path = join(other, 'adapter_config.json')
        writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...entries }))
        await expect(loadAdapter(model, other, 'second')).rejects.toThrow(message)
        expect(adapterNames(model)).toEqual({ active: ['default'], all: ['default'] })
      } finally {
        rmSync(other, { recursive: true })
      }
    })

    test('that are none', async () => {
      const empty = mkdtempSync(join(tmpdir(), 'typegrad-adapter-'))
      await expect(loadAdapter(made(), empty)).rejects.toThrow(
        /'adapter_config.json' and 'adapter_model.safetensors'/,
      )
      rmSync(empty, { recursive: true })
    })
  })
})
