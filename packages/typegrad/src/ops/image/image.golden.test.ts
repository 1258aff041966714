import { expect, test } from 'vitest'
import { ops, type Tensor } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'

interface OpCase {
  readonly op: string
  readonly inputs: readonly GoldenTensor[]
  readonly args: Readonly<Record<string, unknown>>
  readonly output: GoldenTensor
}

type Operation = (...args: unknown[]) => Tensor
const functions = ops.image as unknown as Readonly<Record<string, Operation>>
const { cases } = readGolden<{ cases: readonly OpCase[] }>('preprocessing-image-operations.json')

test.each(cases.map((one, i) => [`${i} ${one.op} ${JSON.stringify(one.args)}`, one] as const))(
  '%s',
  async (_, one) => {
    const { size, ...options } = one.args
    const given = one.inputs.map((input) => fromGolden(input))
    const rest = [
      ...(size === undefined ? [] : [size]),
      ...(Object.keys(options).length === 0 ? [] : [options]),
    ]
    const output = (functions[one.op] as Operation)(...given, ...rest)
    expect(output.shape).toEqual(one.output.shape)
    expectClose(await output.data(), goldenValues(one.output))
  },
)
