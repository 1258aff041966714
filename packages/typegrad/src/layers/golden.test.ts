import { expect, test } from 'vitest'
import { compile, type Tensor, Variable, valueAndGrad } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import * as layers from './index.ts'

interface LayerCase {
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
  /** Several for a layer that takes a list. */
  readonly inputs: readonly GoldenTensor[]
  /** In Keras's order. */
  readonly weights: Readonly<Record<string, GoldenTensor>>
  readonly training: boolean
  readonly output: GoldenTensor
  readonly cotangent: GoldenTensor
  /** Null for an input that is not floating. */
  readonly inputGradients: readonly (GoldenTensor | null)[]
  readonly weightGradients: readonly GoldenTensor[]
  readonly updatedNonTrainable?: Readonly<Record<string, GoldenTensor>>
  readonly note?: string
}

const factories = layers as unknown as Record<string, (options: LayerCase['config']) => layers.Layer>

const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
const shortName = (weight: Variable): string => camelCase(weight.name.slice(weight.name.indexOf('/') + 1))

const cases = ['layers.json', 'spatial-and-attention-layers.json'].flatMap(
  (file) => readGolden<{ cases: readonly LayerCase[] }>(file).cases,
)

test.each(cases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
  const { config, training, cotangent, inputGradients } = golden
  const layer = (factories[golden.layer] as (options: LayerCase['config']) => layers.Layer)(config)
  const inputs = golden.inputs.map((input, i) => new Variable(fromGolden(input), { name: `x${i}` }))
  const listed = <T>(items: readonly T[]): T => (items.length === 1 ? items[0] : items) as T
  layer.ensureBuilt(listed(inputs.map((input) => input.shape)) as number[])
  expect(layer.weights.map(shortName)).toEqual(Object.keys(golden.weights))
  layer.setWeights(Object.values(golden.weights).map((weight) => fromGolden(weight)))

  const watched = [...inputs.filter((_, i) => inputGradients[i] !== null), ...layer.trainableWeights]
  const run = compile((g: Tensor) => {
    let output: Tensor | undefined
    const { grads } = valueAndGrad(() => {
      output = layer.apply(listed(inputs.map((input) => input.value)), { training })
      return output.mul(g).sum()
    }, watched)
    return { output: output as Tensor, grads }
  })
  const { output, grads } = await run(fromGolden(cotangent))
  await compare('output', output, golden.output)
  const expected = [...inputGradients.filter((gradient) => gradient !== null), ...golden.weightGradients]
  expect(grads.length).toBe(expected.length)
  for (const [i, g] of grads.entries()) {
    const name = (watched[i] as Variable).name
    await compare(`gradient of ${name}`, g, expected[i] as GoldenTensor)
  }
  for (const [name, value] of Object.entries(golden.updatedNonTrainable ?? {})) {
    const weight = layer.nonTrainableWeights.find((w) => shortName(w) === name) as Variable
    await compare(`updated ${name}`, weight.value, value)
  }
})

async function compare(what: string, actual: Tensor, golden: GoldenTensor): Promise<void> {
  expect(actual.shape, `${what}: shape`).toEqual(golden.shape)
  expectClose(await actual.data(), goldenValues(golden), {}, what)
}

function title({ layer, config, training, inputs, note }: LayerCase): string {
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  const parts = [
    layer,
    ...options,
    `of ${inputs.map(({ shape }) => `[${shape}]`).join(', ')}`,
    ...(training ? ['training'] : []),
  ]
  return `${parts.join(', ')}${note === undefined ? '' : ` (${note})`}`
}
