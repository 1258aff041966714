import { expect, test } from 'vitest'
import { activations, grad, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { readGolden } from '../testing/golden.ts'

interface Case {
  readonly activation: keyof typeof activations
  readonly options: Readonly<Record<string, number>>
  /** At each of the points; null where Keras's backends differ. */
  readonly slopes: readonly (number | null)[]
}

const { points, cases } = readGolden<{ readonly points: readonly number[]; readonly cases: readonly Case[] }>(
  'activation-kinks.json',
)

test.each(cases)("$activation $options has the slopes that Keras's backends agree on", async (golden) => {
  const activation = activations[golden.activation] as (x: Tensor, options: object) => Tensor
  const slopes = grad((x: Tensor) => activation(x, golden.options).sum())(tensor([...points]))
  const agreed = golden.slopes.map((slope) => slope ?? 0)
  const where = golden.slopes.map((slope) => (slope === null ? 0 : 1))
  expectClose(await slopes.mul(tensor(where)).data(), agreed, {}, 'slopes')
  expect(where).toContain(1)
})
