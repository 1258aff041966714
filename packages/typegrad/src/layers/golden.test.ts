import { expect, test } from 'vitest'
import { compile, type Tensor, Variable, valueAndGrad } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import * as layers from './index.ts'

interface LayerCase {
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs: readonly [GoldenTensor]
  /** In Keras's order. */
  readonly weights: Readonly<Record<string, GoldenTensor>>
  readonly training: boolean
  readonly output: GoldenTensor
  readonly cotangent: GoldenTensor
  readonly inputGradients: readonly [GoldenTensor | null]
  readonly weightGradients: readonly GoldenTensor[]
  readonly updatedNonTrainable?: Readonly<Record<string, GoldenTensor>>
  readonly note?: string
}

const factories = layers as unknown as Record<string, (options: LayerCase['config']) => layers.Layer>

const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
const shortName = (weight: Variable): string => camelCase(weight.name.slice(weight.name.indexOf('/') + 1))

const { cases } = readGolden<{ cases: readonly LayerCase[] }>('layers.json')

test.each(cases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
  const { config, inputs, training, cotangent } = golden
  const layer = (factories[golden.layer] as (options: LayerCase['config']) => layers.Layer)(config)
  const x = fromGolden(inputs[0])
  layer.ensureBuilt(x.shape)
  expect(layer.weights.map(shortName)).toEqual(Object.keys(golden.weights))
  layer.setWeights(Object.values(golden.weights).map((weight) => fromGolden(weight)))

  const input = new Variable(x, { name: 'x' })
  const floating = golden.inputGradients[0] !== null
  const watched = [...(floating ? [input] : []), ...layer.trainableWeights]
  const run = compile((g: Tensor) => {
    let output: Tensor | undefined
    const { grads } = valueAndGrad(() => {
      output = layer.apply(floating ? input.value : x, { training })
      return output.mul(g).sum()
    }, watched)
    return { output: output as Tensor, grads }
  })
  const { output, grads } = await run(fromGolden(cotangent))
  await compare('output', output, golden.output)
  const expected = [...(floating ? golden.inputGradients : []), ...golden.weightGradients]
  expect(grads.length).toBe(expected.length)
  for (const [i, g] of grads.entries()) {
    const name = (watched[i] as Variable).name
    await compare(`gradient of ${name}`, g, expected[i] as GoldenTensor)
  }
  for (const [name, value] of Object.entries(golden.updatedNonTrainable ?? {})) {
    const weight = layer.nonTrainableWeights.find((w) => shortName(w) === name) as Variable
    await compare(`updated ${name}`, weight.value as Tensor, value)
  }
})

async function compare(what: string, actual: Tensor, golden: GoldenTensor): Promise<void> {
  expect(actual.shape, `${what}: shape`).toEqual(golden.shape)
  expectClose(await actual.data(), goldenValues(golden), {}, what)
}

function title({ layer, config, training, inputs, note }: LayerCase): string {
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  const parts = [layer, ...options, `of [${inputs[0].shape}]`, ...(training ? ['training'] : [])]
  return `${parts.join(', ')}${note === undefined ? '' : ` (${note})`}`
}
