// Functions as files, run by ONNX Runtime's own package as they are: one session for all sizes.
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { ArgumentError, arange, exportFunction, ops, type Tensor, tensor, Variable } from '../index.ts'

/** Typegrad's engine shares the library, and is to be there first. */
async function sessionOf(bytes: Uint8Array): Promise<InferenceSession> {
  await tensor([1]).add(1).data()
  const { InferenceSession } = await import('onnxruntime-node')
  return InferenceSession.create(bytes, { logSeverityLevel: 3 })
}
const floats = (values: readonly number[], dims: readonly number[]): OrtTensor =>
  new OrtTensor('float32', Float32Array.from(values), dims)
const valuesOf = (results: InferenceSession.OnnxValueMapType | undefined, name: string): number[] =>
  Array.from(results?.[name]?.data as Float32Array)
const counted = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)
const shapesOf = (metadata: readonly InferenceSession.ValueMetadata[]) =>
  metadata.map((one) => [one.name, one.isTensor ? one.shape : undefined])

const float = (...shape: (number | string)[]) => ({ dtype: 'float32', shape }) as const

describe('a function of tensors', () => {
  test('with a variable, and inputs of other dtypes', async () => {
    const kernel = new Variable(tensor([[2, 0], [0, 3], [1, 1]]), { name: 'kernel' }) // biome-ignore format: a matrix
    const session = await sessionOf(
      await exportFunction({
        inputs: { x: float('batch', 3), shift: { dtype: 'int64', shape: ['batch'] } },
        weights: [kernel],
        call: ({ x, shift }) => ({
          y: (x as Tensor).matmul(kernel.value).add((shift as Tensor).cast('float32').reshape([-1, 1])),
        }),
      }),
    )
    for (const batch of [1, 4]) {
      const results = await session.run({
        x: floats(counted(3 * batch), [batch, 3]),
        shift: new OrtTensor('int64', BigInt64Array.from(counted(batch, 10), BigInt), [batch]),
      })
      const expected = counted(batch).flatMap((i) => [9 * i + 2 + 10 + i, 12 * i + 5 + 10 + i])
      expect(valuesOf(results, 'y')).toEqual(expected)
    }
  })

  test('lengths that are joined: a sum that an input has, or that none has', async () => {
    const inputs = { old: float('batch', 'past', 2), x: float('batch', 'new', 2) }
    const whole = ({ old, x }: Readonly<Record<string, Tensor>>) =>
      ops.concat([old as Tensor, x as Tensor], 1)
    const withMask = await exportFunction({
      inputs: { ...inputs, mask: float('batch', 'past + new') },
      weights: [],
      call: (given) => ({
        y: whole(given).mul((given.mask as Tensor).reshape([given.mask?.shape[0] as number, -1, 1])),
      }),
    })
    const without = await exportFunction({
      inputs,
      weights: [],
      // (batch, past + new, 2) → (batch, (past + new) · 2), plus how long it is
      call: (given) => {
        const [batch, length] = whole(given).shape as readonly [number, number, number]
        return {
          y: whole(given)
            .reshape([batch, length, 2])
            .add(tensor(length, { dtype: 'int32' }).cast('float32')),
        }
      },
    })
    const [masked, plain] = [await sessionOf(withMask), await sessionOf(without)]
    expect(shapesOf(masked.inputMetadata).at(-1)).toEqual(['mask', ['batch', 'past + new']])
    expect(shapesOf(plain.outputMetadata)).toEqual([['y', ['batch', 'past + new', 2]]])
    for (const [batch, past, added] of [
      [1, 3, 2],
      [2, 0, 1],
      [2, 4, 5],
    ] as const) {
      const feeds = {
        old: floats(counted(batch * past * 2), [batch, past, 2]),
        x: floats(counted(batch * added * 2, 100), [batch, added, 2]),
      }
      const length = past + added
      const expected = counted(batch).flatMap((b) => [
        ...counted(past * 2, b * past * 2),
        ...counted(added * 2, 100 + b * added * 2),
      ])
      const mask = floats(
        counted(batch * length).map((i) => i % 2),
        [batch, length],
      )
      const both = [await masked.run({ ...feeds, mask }), await plain.run(feeds)]
      expect(valuesOf(both[0], 'y')).toEqual(expected.map((v, i) => v * (Math.floor(i / 2) % 2)))
      expect(valuesOf(both[1], 'y')).toEqual(expected.map((value) => value + length))
      expect(both[1]?.y?.dims).toEqual([batch, length, 2])
    }
  })

  test('a sum of which one term is told by no input: what is left of a part that is known', async () => {
    const session = await sessionOf(
      await exportFunction({
        inputs: { done: float('batch', 'known', 2), all: float('batch', 'known + rest', 2) },
        weights: [],
        call: ({ done, all }) => {
          const known = (done as Tensor).shape[1] as number
          const rest = ops.slice(all as Tensor, [0, known], [-1, -1]).mul(10)
          const [batch, left] = rest.shape as readonly [number, number, number]
          return { rest: rest.reshape([batch, left * 2]), whole: ops.concat([done as Tensor, rest], 1) }
        },
      }),
    )
    expect(shapesOf(session.outputMetadata).at(-1)).toEqual(['whole', ['batch', 'known + rest', 2]])
    for (const [known, rest] of [
      [2, 3],
      [0, 2],
      [3, 0],
    ] as const) {
      const [done, all] = [counted(known * 2, 50), counted((known + rest) * 2)]
      const results = await session.run({
        done: floats(done, [1, known, 2]),
        all: floats(all, [1, known + rest, 2]),
      })
      const expected = all.slice(known * 2).map((value) => value * 10)
      expect(valuesOf(results, 'rest')).toEqual(expected)
      expect(results.rest?.dims).toEqual([1, rest * 2])
      expect(valuesOf(results, 'whole')).toEqual([...done, ...expected])
    }
  })

  test('positions that a length moves on', async () => {
    const session = await sessionOf(
      await exportFunction({
        inputs: { old: float('batch', 'past'), x: float('batch', 'new') },
        weights: [],
        call: ({ old, x }) => {
          const past = tensor((old as Tensor).shape[1] as number, { dtype: 'int32' })
          const places = arange(0, (x as Tensor).shape[1] as number, 1, { dtype: 'int32' }).add(past)
          return { y: (x as Tensor).add(places.cast('float32')) }
        },
      }),
    )
    const results = await session.run({ old: floats([0, 0, 0], [1, 3]), x: floats([10, 10], [1, 2]) })
    expect(valuesOf(results, 'y')).toEqual([13, 14])
  })

  test('sums of sizes that no input has', async () => {
    const exported = exportFunction({
      inputs: { x: float('batch', 'a + b') },
      weights: [],
      call: ({ x }) => ({ y: x as Tensor }),
    })
    await expect(exported).rejects.toThrow(ArgumentError)
    await expect(exported).rejects.toThrow(/one of the sizes of 'a \+ b'/)
  })
})
