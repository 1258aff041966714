import { readFileSync } from 'node:fs'
import { random, type Tensor, valueAndGrad } from 'typegrad'
import { evaluateAll, ops } from 'typegrad/core'
import type { Layer } from 'typegrad/layers'
import { expectClose, fromGolden, type GoldenTensor, goldenValues } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { DeepAR } from './deep-ar.ts'
import { NHits } from './n-hits.ts'
import { PatchTransformer } from './patch-transformer.ts'
import { TiDE } from './tide.ts'

interface NetworkCase {
  readonly network: 'NHits' | 'TiDE' | 'PatchTransformer' | 'DeepAR'
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly inputs: readonly GoldenTensor[]
  readonly weights: readonly GoldenTensor[]
  readonly output: GoldenTensor
  readonly cotangent: GoldenTensor
  /** Of sum(output · cotangent), for each weight; null for statistics of batches, which are not trained. */
  readonly gradients: readonly (GoldenTensor | null)[]
}

/** tools/golden/make_forecast_networks.py */
const golden: { readonly cases: readonly NetworkCase[] } = JSON.parse(
  readFileSync(new URL('../../../golden/forecast-networks.json', import.meta.url), 'utf8'),
)

type Network = (
  options: never,
  inputs: readonly Tensor[],
) => { readonly layer: Layer<never>; readonly out: () => Tensor }

const listed =
  (make: (options: never) => Layer<readonly Tensor[]>): Network =>
  (options, inputs) => {
    const layer = make(options)
    return { layer: layer as Layer<never>, out: () => layer.apply(inputs) }
  }

const networks: Readonly<Record<NetworkCase['network'], Network>> = {
  NHits: listed((options) => new NHits(options)),
  TiDE: listed((options) => new TiDE(options)),
  PatchTransformer: listed((options) => new PatchTransformer(options)),
  DeepAR: (options, [x]) => {
    const layer = new DeepAR(options)
    return { layer: layer as unknown as Layer<never>, out: () => layer.apply(x as Tensor) }
  },
}

describe('networks give what those of neuralforecast give, and their gradients:', () => {
  test.each(golden.cases)('$network $name', async (given) => {
    const { network, options, inputs, weights, output, cotangent } = given
    const { layer, out } = networks[network](
      options as never,
      inputs.map((one) => fromGolden(one)),
    )
    out()
    expect(layer.weights).toHaveLength(weights.length)
    layer.setWeights(weights.map((one) => fromGolden(one)))
    const known = fromGolden(cotangent)
    let found = known
    const { grads } = valueAndGrad(() => {
      found = out()
      return found.mul(known).sum() as Tensor
    }, layer.trainableWeights)
    await evaluateAll([found, ...grads])
    expect(found.shape).toEqual(output.shape)
    expectClose(Array.from(await found.data(), Number), goldenValues(output), { scaled: 2e-6 })
    const expected = given.gradients.filter((one) => one !== null)
    expect(grads.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape))
    for (const [i, gradient] of grads.entries())
      expectClose(Array.from(await gradient.data(), Number), goldenValues(expected[i] as GoldenTensor), {
        // TiDE here normalises two numbers, whose difference is small at times: torch's own float32 is off by 5e-5.
        scaled: network === 'TiDE' ? 5e-5 : 1e-5,
      })
  })
})

test('DeepAR goes on from states as it would have from the beginning', async () => {
  const layer = new DeepAR({ units: 3, layers: 2 })
  const x = random.normal([2, 5, 4])
  const whole = layer.apply(x)
  const [, states] = layer.follow(ops.slice(x, [0, 0, 0], [2, 3, 4]))
  const [rest] = layer.follow(ops.slice(x, [0, 3, 0], [2, 2, 4]), states)
  const expected = await ops.slice(whole, [0, 3, 0], [2, 2, 2]).data()
  expectClose(Array.from(await rest.data(), Number), Array.from(expected, Number), { scaled: 1e-6 })
})
