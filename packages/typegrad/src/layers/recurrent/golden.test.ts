import { expect, test } from 'vitest'
import { compile, type Tensor, Variable, valueAndGrad } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'
import * as layers from '../index.ts'

interface Config {
  readonly [option: string]: unknown
}

interface RecurrentCase {
  readonly layer: string
  readonly config: Config
  /** Sequences, then initial states. */
  readonly inputs: readonly GoldenTensor[]
  readonly mask: GoldenTensor | null
  /** In Keras's order. */
  readonly weights: readonly { readonly name: string; readonly value: GoldenTensor }[]
  readonly outputs: readonly GoldenTensor[]
  readonly cotangents: readonly GoldenTensor[]
  readonly inputGradients: readonly GoldenTensor[]
  readonly weightGradients: readonly GoldenTensor[]
  readonly note?: string
}

const factories = layers as unknown as Record<string, (options: Config) => layers.Layer>

/** In configurations a layer inside of another one is { layer, config }. */
function make(layer: string, config: Config): layers.Layer {
  const nested = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(nested)
    const { layer: name, config: options } = (value ?? {}) as { layer?: string; config?: Config }
    return name === undefined ? value : make(name, options as Config)
  }
  const options = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, nested(value)]))
  return (factories[layer] as (options: Config) => layers.Layer)(options)
}

const { cases } = readGolden<{ cases: readonly RecurrentCase[] }>('recurrent.json')

test.each(cases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
  const layer = make(golden.layer, golden.config)
  const inputs = golden.inputs.map((t, i) => new Variable(fromGolden(t), { name: `input ${i}` }))
  const read = () => {
    const values = inputs.map((input) => input.value as Tensor)
    return (values.length === 1 ? values[0] : values) as Tensor
  }
  layer.ensureBuilt((inputs[0] as Variable).shape)
  expect(layer.weights.map(({ name }) => name.slice(name.indexOf('/') + 1))).toEqual(
    golden.weights.map(({ name }) => name),
  )
  layer.setWeights(golden.weights.map(({ value }) => fromGolden(value)))

  const watched = [...inputs, ...layer.trainableWeights]
  const mask = golden.mask === null ? undefined : fromGolden(golden.mask)
  const run = compile((cotangents: readonly Tensor[]) => {
    let outputs: readonly Tensor[] = []
    const { grads } = valueAndGrad(() => {
      const given: Tensor | readonly Tensor[] = layer.apply(read(), { training: false, mask })
      outputs = Array.isArray(given) ? given : [given]
      return outputs.map((y, i) => y.mul(cotangents[i] as Tensor).sum()).reduce((a, b) => a.add(b))
    }, watched)
    return { outputs, grads }
  })
  const { outputs, grads } = await run(golden.cotangents.map((t) => fromGolden(t)))
  expect(outputs.length).toBe(golden.outputs.length)
  for (const [i, y] of outputs.entries()) await compare(`output ${i}`, y, golden.outputs[i] as GoldenTensor)
  const expected = [...golden.inputGradients, ...golden.weightGradients]
  expect(grads.length).toBe(expected.length)
  for (const [i, g] of grads.entries()) {
    await compare(`gradient of ${(watched[i] as Variable).name}`, g, expected[i] as GoldenTensor)
  }
})

async function compare(what: string, actual: Tensor, golden: GoldenTensor): Promise<void> {
  expect(actual.shape, `${what}: shape`).toEqual(golden.shape)
  expectClose(await actual.data(), goldenValues(golden), {}, what)
}

function title({ layer, config, inputs, mask, note }: RecurrentCase): string {
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  const parts = [layer, ...options, `of [${inputs[0]?.shape}]`, ...(mask === null ? [] : ['masked'])]
  return `${parts.join(', ')}${note === undefined ? '' : ` (${note})`}`
}
