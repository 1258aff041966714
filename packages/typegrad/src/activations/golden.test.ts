import { beforeAll, describe, expect, it } from 'vitest'
import { UnknownNameError } from '../base/errors.ts'
import { evaluateAll, grad, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import {
  activationConfig,
  getActivation,
  legacyHardSigmoid,
  linear,
  relu,
  sparsemax,
  threshold,
} from './index.ts'

interface Case {
  readonly layer: string
  readonly config: { readonly activation: string }
  readonly inputs: readonly GoldenTensor[]
  readonly output: GoldenTensor
  readonly cotangent: GoldenTensor
  readonly inputGradients: readonly GoldenTensor[]
}

const cases = readGolden<{ readonly cases: readonly Case[] }>('layers.json').cases.filter(
  ({ layer }) => layer === 'activation',
)

describe('activations against Keras', () => {
  const computed = cases.map(({ config, inputs, cotangent }) => {
    const activation = getActivation(config.activation)
    const x = fromGolden(inputs[0] as GoldenTensor)
    const output = activation(x)
    const gradient = grad((t: Tensor) => activation(t).mul(fromGolden(cotangent)).sum())(x)
    return { output, gradient }
  })
  beforeAll(() => evaluateAll(computed.flatMap(({ output, gradient }) => [output, gradient])))

  it.each(cases.map((golden, i) => [golden.config.activation, golden.output.shape.length, i] as const))(
    '%s of rank %i',
    async (_, __, i) => {
      const golden = cases[i] as Case
      const { output, gradient } = computed[i] as (typeof computed)[number]
      expect(output.shape).toEqual(golden.output.shape)
      expectClose(await output.data(), goldenValues(golden.output), {}, 'output')
      expectClose(
        await gradient.data(),
        goldenValues(golden.inputGradients[0] as GoldenTensor),
        {},
        'gradient',
      )
    },
  )
})

describe('relu with options', () => {
  const x = tensor([-2, -0.5, 0.5, 3, 9])
  it.each([
    [{ negativeSlope: 0.1 }, [-0.2, -0.05, 0.5, 3, 9]],
    [{ maxValue: 6 }, [0, 0, 0.5, 3, 6]],
    [{ threshold: 1 }, [0, 0, 0, 3, 9]],
    [{ threshold: 1, negativeSlope: 0.1, maxValue: 6 }, [-0.3, -0.15, -0.05, 3, 6]],
  ])('%j', async (options, expected) => {
    expectClose(await relu(x, options).data(), expected)
  })
})

describe('activations without a golden case', () => {
  it('threshold', async () => {
    expect(await threshold(tensor([1, 2, 3]), { threshold: 2, defaultValue: -1 }).toArray()).toEqual([
      -1, -1, 3,
    ])
  })

  it('legacyHardSigmoid', async () => {
    expectClose(await legacyHardSigmoid(tensor([-3, -1, 0, 1, 3])).data(), [0, 0.3, 0.5, 0.7, 1])
  })

  it('sparsemax along another axis', async () => {
    const x = tensor([
      [0.1, 2, -1],
      [0.3, 0, 5],
    ])
    const [across, along] = [sparsemax(x.transpose(), 0).transpose(), sparsemax(x)]
    expectClose(await across.data(), Array.from(await along.data(), Number))
  })
})

describe('getActivation', () => {
  it('takes names in every spelling, functions, and nothing', () => {
    expect(getActivation('LeakyReLU')).toBe(getActivation('leaky_relu'))
    expect(getActivation('swish')).toBe(getActivation('silu'))
    expect(getActivation(undefined)).toBe(linear)
    const own = (x: Tensor) => x
    expect(getActivation(own)).toBe(own)
  })

  it('names the nearest name that it knows', () => {
    expect(() => getActivation('rellu')).toThrow(UnknownNameError)
    expect(() => getActivation('rellu')).toThrow("Did you mean 'relu'?")
  })

  it('has a name for each of them', () => {
    expect(activationConfig(getActivation('hard_sigmoid'))).toBe('hardSigmoid')
    expect(() => activationConfig((x) => x)).toThrow('which can be saved by name')
  })
})
