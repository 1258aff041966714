import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, type Tensor, tensor, type Variable, valueAndGrad } from 'typegrad'
import { encodeSafetensors, readSafetensors } from 'typegrad/formats'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import {
  callOf,
  type GoldenCase,
  type GoldenModel,
  type GoldenValues,
  goldenFolder,
  hashedNumbers,
  inputsOf,
} from '../testing/golden.ts'
import { loadAdapter, saveAdapter } from './adapter-files.ts'
import { stateOf } from './adapter-state.ts'
import {
  adapterNames,
  addAdapter,
  deleteAdapter,
  mergeAdapter,
  setAdapter,
  unmergeAdapter,
} from './adapters.ts'
import { lora } from './lora-config.ts'

interface Projections {
  readonly length: number
  readonly along: readonly number[]
}

interface AdapterCase extends Pick<GoldenModel, 'config' | 'weights' | 'output'> {
  readonly name: string
  readonly adapterConfig: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly positive: boolean }>
  >
  readonly inputs: GoldenCase['inputs']
  readonly expected: GoldenValues
  readonly gradients?: Readonly<Record<string, Projections>>
  readonly trained?: Readonly<Record<string, Projections>>
  /** Of PiSSA: products of the factors that PEFT begins with. */
  readonly product?: Readonly<Record<string, Projections>>
}

const cases = JSON.parse(
  readFileSync(new URL('../../golden/adapters.json', import.meta.url), 'utf8'),
) as readonly AdapterCase[]

const numbersOf = async (x: Tensor): Promise<Float32Array> => (await x.data()) as Float32Array
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** As `projections` of `transformers_golden.py` makes them. */
function expectAlong(
  key: string,
  data: Float32Array,
  golden: Projections,
  share: number,
  least: number,
): void {
  const room = share * Math.max(golden.length, least)
  const length = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0))
  expect(
    Math.abs(length - golden.length),
    `${key}: length ${length}, expected ${golden.length}`,
  ).toBeLessThan(room)
  for (const [i, expected] of golden.along.entries()) {
    const other = hashedNumbers(`${key}#${i}`, data.length)
    const along = data.reduce((sum, value, j) => sum + value * (other[j] as number), 0)
    expect(Math.abs(along - expected), `${key}: along ${i}`).toBeLessThan(2 * room)
  }
}

/** A folder with the adapter as PEFT wrote it. */
function adapterFolder({ adapterConfig, tensors }: AdapterCase): string {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-adapter-'))
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(adapterConfig))
  const entries = Object.entries(tensors).map(([name, { shape, positive }]) => ({
    name,
    dtype: 'float32' as const,
    shape,
    data: hashedNumbers(name, size(shape)).map((value) => (positive ? 1 : 0) + 0.3 * value),
  }))
  writeFileSync(
    join(folder, 'adapter_model.safetensors'),
    Buffer.concat(encodeSafetensors(entries, { format: 'pt' })),
  )
  return folder
}

/** The adapter's variables by the names of PEFT's file. */
const variablesOf = (model: PretrainedModel, name = 'default') =>
  (stateOf(model).held.get(name)?.stored ?? []).map((stored) => ({
    ...stored,
    name: `base_model.model.${stored.names.at(-1)}`,
  }))

describe.each(cases.filter(({ product }) => product === undefined))('$name', (golden) => {
  let base: string
  let folder: string
  let model: PretrainedModel
  let run: () => Promise<Tensor>
  let plain: Float32Array
  beforeAll(async () => {
    ;[base, folder] = [goldenFolder(golden), adapterFolder(golden)]
    model = await fromPretrained(base)
    const call = callOf(model, inputsOf(golden))
    run = compile(() => model.network.outputs(...call)[golden.output] as Tensor)
    plain = await numbersOf(await run())
    await loadAdapter(model, folder, 'default', { trainable: true })
  })
  afterAll(() => {
    for (const one of [base, folder]) rmSync(one, { recursive: true, force: true })
  })

  test('gives what PEFT gives, is switched off and on, and merged and unmerged', async () => {
    const expected = Float32Array.from(golden.expected.values)
    expectClose(await numbersOf(await run()), expected, { scaled: 1e-5 })
    setAdapter(model, undefined)
    expect(await numbersOf(await run())).toEqual(plain)
    setAdapter(model, 'default')
    const before = await numbersOf(await run())
    await mergeAdapter(model)
    expectClose(await numbersOf(await run()), expected, { scaled: 1e-5 })
    unmergeAdapter(model)
    expect(await numbersOf(await run())).toEqual(before)
  })

  test('has the gradients and takes the steps of PEFT', async () => {
    const [first, context] = callOf(model, inputsOf(golden))
    const parts = variablesOf(model)
    const variables: readonly Variable[] = parts.map(({ variable }) => variable)
    expect(new Set(model.trainableWeights)).toEqual(new Set(variables))
    const cotangent = tensor(hashedNumbers('cotangent', size(golden.expected.shape))).reshape(
      golden.expected.shape,
    )
    const step = compile(() => {
      const loss = () => (model.network.outputs(first, context)[golden.output] as Tensor).mul(cotangent).sum()
      const { grads } = valueAndGrad(loss, variables)
      for (const [i, variable] of variables.entries())
        variable.assign(variable.value.sub((grads[i] as Tensor).mul(0.05)))
      return grads.map((gradient, i) => parts[i]?.toFile(gradient))
    })
    const gradients = await step()
    await step()
    const lengths = Object.values(golden.gradients ?? {}).map(({ length }) => length)
    // What a key's bias gets is zero but for rounding: it adds the same to all scores of a query.
    const least = 1e-3 * Math.max(...lengths)
    for (const [i, { name, toFile, variable }] of parts.entries()) {
      const [gradient, trained] = [golden.gradients?.[name], golden.trained?.[name]] as [
        Projections,
        Projections,
      ]
      expectAlong(name, await numbersOf(gradients[i] as Tensor), gradient, 1e-3, least)
      expectAlong(name, await numbersOf(toFile(variable.value)), trained, 1e-4, least)
    }
    expect(parts.map(({ name }) => name).toSorted()).toEqual(Object.keys(golden.tensors).toSorted())
  })

  test('is saved with the names and shapes of PEFT, and goes', async () => {
    const saved = mkdtempSync(join(tmpdir(), 'typegrad-adapter-'))
    try {
      await saveAdapter(model, saved)
      const file = await readSafetensors(join(saved, 'adapter_model.safetensors'))
      const shapes = (named: Iterable<readonly [string, { readonly shape: readonly number[] }]>) =>
        Object.fromEntries([...named].map(([name, { shape }]) => [name, shape]))
      expect(shapes(file.tensors)).toEqual(shapes(Object.entries(golden.tensors)))
      const config = JSON.parse(readFileSync(join(saved, 'adapter_config.json'), 'utf8'))
      for (const key of [
        'peft_type',
        'task_type',
        'r',
        'lora_alpha',
        'use_dora',
        'use_rslora',
        'bias',
        'fan_in_fan_out',
      ])
        expect(config[key], key).toEqual(golden.adapterConfig[key])
      const values = await Promise.all(variablesOf(model).map(({ variable }) => numbersOf(variable.value)))
      await loadAdapter(model, saved, 'again')
      const again = await Promise.all(
        variablesOf(model, 'again').map(({ variable }) => numbersOf(variable.value)),
      )
      expect(again).toEqual(values)
    } finally {
      rmSync(saved, { recursive: true })
    }
    for (const name of ['default', 'again']) deleteAdapter(model, name)
    expect(adapterNames(model)).toEqual({ active: [], all: [] })
    expect(await numbersOf(await run())).toEqual(plain)
  })
})

const [pissa] = cases.filter(({ product }) => product !== undefined)

test('PiSSA begins with the factors of PEFT, takes them off the weights, and puts them back', async () => {
  const golden = pissa as AdapterCase
  const base = goldenFolder(golden)
  try {
    const model = await fromPretrained(base)
    const before = await Promise.all(model.weights.map(({ value }) => numbersOf(value)))
    await addAdapter(model, lora({ rank: 2, alpha: 6, initializer: 'pissa', targets: ['c_attn', 'c_proj'] }))
    const stored = new Map(variablesOf(model).map((one) => [one.name, one]))
    for (const [name, expected] of Object.entries(golden.product ?? {})) {
      const [b, a] = ['lora_B', 'lora_A'].map((factor) => {
        const one = stored.get(`${name}.${factor}.weight`)
        return one?.toFile(one.variable.value)
      }) as [Tensor, Tensor]
      expectAlong('product', await numbersOf(b.matmul(a)), expected, 1e-4, 0)
    }
    expect(Object.keys(golden.product ?? {}).length).toBe(6)
    const outputs = model.network.outputs(...callOf(model, inputsOf(golden)))
    const expected = Float32Array.from(golden.expected.values)
    expectClose(await numbersOf(outputs[golden.output] as Tensor), expected, { scaled: 1e-5 })
    deleteAdapter(model, 'default')
    expect(await Promise.all(model.weights.map(({ value }) => numbersOf(value)))).toEqual(before)
  } finally {
    rmSync(base, { recursive: true })
  }
})
