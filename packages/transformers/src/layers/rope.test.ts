import { readFileSync } from 'node:fs'
import { evaluateAll, grad, random, type Tensor, tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { RotaryEmbedding, rotate } from './rope.ts'
import { ropeFrequencies, ropeSettings } from './rope-frequencies.ts'

interface Case {
  /** Features of a head. */
  readonly dim: number
  /** As files of today have it, and as older ones do. */
  readonly configs: readonly RawConfig[]
  readonly positions: readonly number[]
  /** (positions, turned) */
  readonly cos: readonly number[]
  readonly sin: readonly number[]
  readonly frequencies: readonly number[]
}

const path = new URL('../../golden/rope.json', import.meta.url)
const cases = JSON.parse(readFileSync(path, 'utf8')) as readonly Case[]

const settingsOf = (config: RawConfig, dim: number) =>
  ropeSettings(new ConfigReader(config), dim, { share: 1 })

describe('turns by the angles of Hugging Face’s rotary embeddings', () => {
  const all = cases.flatMap((one) =>
    one.configs.map((config) => [JSON.stringify(config), config, one] as const),
  )
  test.each(all)('%s', async (_, config, { dim, positions, cos, sin }) => {
    const settings = settingsOf(config, dim)
    const rotation = new RotaryEmbedding(settings).at(tensor(positions, { dtype: 'int32' }))
    const { turned } = settings
    expect(turned).toBe(cos.length / positions.length)
    expect(rotation.cos.shape).toEqual([positions.length, 1, dim])
    await evaluateAll([rotation.cos, rotation.sin])
    const halves = async (x: Tensor) => {
      const rows = (await x.reshape([positions.length, dim]).toArray()) as number[][]
      const part = (from: number, to?: number) => rows.flatMap((row) => row.slice(from, to))
      return { first: part(0, turned / 2), second: part(turned / 2, turned), rest: part(turned) }
    }
    const [gotCos, gotSin] = [await halves(rotation.cos), await halves(rotation.sin)]
    const expected = (values: readonly number[]) => values.filter((_, i) => i % turned < turned / 2)
    expectClose(gotCos.first, expected(cos), { scaled: 1e-4 }, 'cos')
    expectClose(gotSin.second, expected(sin), { scaled: 1e-4 }, 'sin')
    expect(gotCos.first).toEqual(gotCos.second)
    expectClose(
      gotSin.first,
      gotSin.second.map((value) => -value),
      { scaled: 0 },
    )
    expect(new Set(gotCos.rest)).toEqual(new Set(turned < dim ? [1] : []))
    expect(new Set(gotSin.rest)).toEqual(new Set(turned < dim ? [0] : []))
  })
})

describe('products of turned queries and keys', () => {
  const rope = new RotaryEmbedding(settingsOf({ max_position_embeddings: 16, partial_rotary_factor: 0.5 }, 8))
  const [query, key] = [random.normal([1, 1, 1, 8], { seed: 1 }), random.normal([1, 1, 1, 8], { seed: 2 })]
  const product = (at: number, other: number) => {
    const turned = (x: Tensor, place: number) => rotate(x, rope.at(tensor([place], { dtype: 'int32' })))
    return turned(query, at).mul(turned(key, other)).sum()
  }

  test('depend on the distance alone', async () => {
    const [here, there, other] = [product(2, 0), product(13, 11), product(5, 0)]
    await evaluateAll([here, there, other])
    expectClose([await there.item()], [await here.item()])
    expect(Math.abs((await other.item()) - (await here.item()))).toBeGreaterThan(0.1)
  })

  test('rows of a batch have positions of their own', async () => {
    const x = random.normal([2, 3, 2, 8], { seed: 3 })
    const positions = tensor([[4, 5, 6], [0, 1, 9]], { dtype: 'int32' }) // biome-ignore format: a matrix
    const rows = [0, 1].map((row) => rotate(x.slice([row], [1]), rope.at(positions.at(row))))
    const whole = rotate(x, rope.at(positions))
    const parts = rows.map((row, i) => [row, whole.slice([i], [1])] as const)
    await evaluateAll(parts.flat())
    for (const [row, part] of parts) expectClose(await part.data(), [...(await row.data())].map(Number))
  })

  test('turning keeps lengths, and its gradient turns back', async () => {
    const x = random.normal([1, 4, 1, 8], { seed: 4 })
    const rotation = rope.at(tensor([0, 3, 7, 15], { dtype: 'int32' }))
    // Σ turned² = Σ x², of which the gradient is 2x.
    const gradient = grad((y: Tensor) => rotate(y, rotation).square().sum())(x)
    await evaluateAll([x, gradient])
    expectClose(await gradient.data(), [...(await x.mul(2).data())].map(Number))
  })
})

describe('frequencies are PyTorch’s to the last digit or the one before', () => {
  // Others depend on the text's length.
  const fixed = cases.filter(({ configs }) => !/dynamic|longrope/.test(JSON.stringify(configs)))
  test.each(fixed.map((one) => [JSON.stringify(one.configs[1]), one] as const))('%s', (_, one) => {
    const frequencies = ropeFrequencies(settingsOf(one.configs[0] as RawConfig, one.dim))
    expectClose(frequencies, one.frequencies, { relative: 2 ** -22 })
  })
})

describe('refuses', () => {
  const refused: readonly (readonly [string, RawConfig, number, RegExp])[] = [
    [
      'a scaling that is not known',
      { rope_scaling: { rope_type: 'proportional', factor: 2 } },
      8,
      /config\.json: rope_scaling: rope_type: expected one of 'default', 'linear', 'dynamic', 'llama3', 'yarn', 'longrope', received "proportional"/,
    ],
    [
      'too few factors',
      { rope_scaling: { rope_type: 'longrope', short_factor: [1, 1, 2], long_factor: [1, 1, 1, 1] } },
      8,
      /short_factor: expected 4 numbers above 0, one for each pair of features that are turned, received 3 of 1, 2/,
    ],
    [
      'an entry that is missing',
      { rope_scaling: { type: 'llama3', factor: 8 } },
      8,
      /low_freq_factor: expected a number, received nothing/,
    ],
    [
      'one that is no number',
      { rope_parameters: { rope_type: 'linear', factor: '2' } },
      8,
      /rope_parameters: factor: expected a number/,
    ],
    [
      'rotations of each kind of layer',
      { rope_parameters: { full_attention: {} } },
      8,
      /one rotation for all layers/,
    ],
    ['an odd head', {}, 5, /config\.json: head_dim: expected an even number/],
    [
      'more features than there are',
      { partial_rotary_factor: 2 },
      8,
      /partial_rotary_factor: expected an even number/,
    ],
    ['no context', { max_position_embeddings: 0 }, 8, /max_position_embeddings: expected a whole number/],
  ]
  test.each(refused)('%s', (_, config, dim, message) => {
    expect(() => settingsOf({ max_position_embeddings: 32, ...config }, dim)).toThrow(message)
  })

  test('a share where the architecture turns whole heads', () => {
    const config = { max_position_embeddings: 32, rope_parameters: { partial_rotary_factor: 0.5 } }
    expect(() => ropeSettings(new ConfigReader(config), 8)).toThrow(
      /partial_rotary_factor: expected 1 in this/,
    )
  })
})
