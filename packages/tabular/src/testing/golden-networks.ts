import { readFileSync } from 'node:fs'
import { evaluateAll, type Tensor, type Variable, valueAndGrad } from 'typegrad/core'
import { type AnyLayer, type Layer, weightPlaces } from 'typegrad/layers'
import { expectClose, fromGolden, type GoldenTensor, goldenValues } from 'typegrad/testing'

/** A network of another package: its output and gradients. */
export interface NetworkCase {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly inputs: readonly GoldenTensor[]
  readonly weights: Readonly<Record<string, GoldenTensor>>
  readonly output: GoldenTensor
  readonly cotangent: GoldenTensor
  readonly inputGradients: readonly (GoldenTensor | null)[] | null
  readonly weightGradients: Readonly<Record<string, GoldenTensor>>
}

/** tools/golden/make_tabular_networks.py */
export const golden: {
  readonly table: GoldenTensor
  readonly bins: readonly (readonly number[])[]
  readonly binCount: number
  readonly cardinalities: readonly number[]
  readonly labels: GoldenTensor
  readonly embeddings: readonly NetworkCase[]
  readonly tabm: readonly (NetworkCase & {
    readonly losses: readonly number[]
    readonly trained: Readonly<Record<string, GoldenTensor>>
  })[]
  readonly chunks: { readonly r: GoldenTensor; readonly sizes: readonly number[] }
  readonly realMlp: {
    readonly x: GoldenTensor
    readonly categories: GoldenTensor
    readonly sizes: readonly number[]
    readonly times: readonly number[]
    readonly schedules: Readonly<Record<'coslog4' | 'flat_cos', readonly number[]>>
    readonly batchSizes: readonly (readonly [number, number])[]
    readonly cases: readonly (NetworkCase & {
      readonly factors: Readonly<Record<string, readonly [number, number]>>
      readonly median: GoldenTensor
      readonly scale: GoldenTensor
    })[]
  }
  readonly transformer: readonly NetworkCase[]
} = JSON.parse(readFileSync(new URL('../../golden/networks.json', import.meta.url), 'utf8'))

/**
 * Where a weight stands in a package's module, by its path here; with `.T` behind it where it is transposed there. Undefined for what
 * the package has no weight for.
 */
export type NameOf = (path: string) => string | undefined

const transposed = (value: Tensor, name: string): Tensor => (name.endsWith('.T') ? value.transpose() : value)
const plainName = (name: string): string => name.replace(/\.T$/, '')

/** A weight of ours with the name of the package's; each of the package's has to be there. */
function placed(layer: AnyLayer, nameOf: NameOf, names: readonly string[]): (readonly [Variable, string])[] {
  const found = weightPlaces<AnyLayer>(layer).flatMap(({ path, weight }) => {
    const name = nameOf(path)
    return name === undefined ? [] : [[weight, name] as const]
  })
  const [ours, theirs] = [found.map(([, name]) => plainName(name)).sort(), [...names].sort()]
  if (JSON.stringify(ours) !== JSON.stringify(theirs))
    throw new Error(`weights ${ours.join(' ')} are not ${theirs.join(' ')}`)
  return found
}

/** Gives a layer that is built the weights of a package's module. */
export function setWeights(layer: AnyLayer, weights: NetworkCase['weights'], nameOf: NameOf): void {
  for (const [weight, name] of placed(layer, nameOf, Object.keys(weights)))
    weight.assign(
      transposed(fromGolden(weights[plainName(name)] as GoldenTensor), name).reshape(weight.shape),
    )
}

/** Holds the weights of a layer against those of a package's module. */
export async function expectWeights(
  layer: AnyLayer,
  weights: NetworkCase['weights'],
  nameOf: NameOf,
  scaled = 1e-5,
): Promise<void> {
  for (const [weight, name] of placed(layer, nameOf, Object.keys(weights))) {
    const own = await transposed(weight.value, name).data()
    expectClose(own, goldenValues(weights[plainName(name)] as GoldenTensor), { scaled }, name)
  }
}

/** Holds a layer's output, and the gradients in its weights and its first input, against a package's. */
export async function expectNetwork(
  layer: Layer<never>,
  given: NetworkCase,
  nameOf: NameOf,
  tolerance = 1e-5,
): Promise<void> {
  const inputs = given.inputs.map((one) => fromGolden(one))
  const isListed = inputs.length > 1
  const called = layer as unknown as Layer<Tensor | readonly Tensor[]>
  called.ensureBuilt(isListed ? inputs.map(({ shape }) => shape) : (inputs[0] as Tensor).shape)
  setWeights(called, given.weights, nameOf)
  const cotangent = fromGolden(given.cotangent)
  const call = (x: Tensor): Tensor => called.apply(isListed ? [x, ...inputs.slice(1)] : x)
  const x = inputs[0] as Tensor
  expectClose(await call(x).data(), goldenValues(given.output), { scaled: tolerance }, 'output')
  const pairs = placed(called, nameOf, Object.keys(given.weights))
  const { grads } = valueAndGrad(
    () => call(x).mul(cotangent).sum(),
    pairs.map(([weight]) => weight),
  )
  // Together: each by itself would be a program of its own.
  await evaluateAll(grads)
  for (const [i, [, name]] of pairs.entries()) {
    const expected = goldenValues(given.weightGradients[plainName(name)] as GoldenTensor)
    const own = await transposed(grads[i] as Tensor, name).data()
    expectClose(own, expected, { scaled: tolerance }, `gradient in ${name}`)
  }
  const inputGradient = given.inputGradients?.[0]
  if (inputGradient == null) return
  const { grad } = valueAndGrad((value: Tensor) => call(value).mul(cotangent).sum())(x)
  expectClose(await grad.data(), goldenValues(inputGradient), { scaled: tolerance }, 'gradient in x')
}
