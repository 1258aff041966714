// Encoders as ONNX files whose batch and length are open, in plain ONNX Runtime.
import { rmSync } from 'node:fs'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { goldenFolder, readGolden } from '../testing/golden.ts'

const rowsOf = (batch: number, length: number, valueAt: (row: number, place: number) => number) =>
  Array.from({ length: batch }, (_, i) => Array.from({ length }, (_, j) => valueAt(i, j)))

// Positions counted from ids, buckets of distances, distances of queries and keys, windows and rotations.
test.each(['roberta', 'mpnet', 'deberta-v2', 'modernbert'])('%s', async (file) => {
  const folder = goldenFolder(readGolden(file))
  const model = await fromPretrained(folder).finally(() => rmSync(folder, { recursive: true }))
  const session = await InferenceSession.create(await model.toOnnx(), { logSeverityLevel: 3 })
  for (const [batch, length] of [
    [1, 3],
    [2, 14],
  ] as const) {
    const isPadding = (row: number, place: number) => row === 1 && place > 8
    const inputs = {
      input_ids: rowsOf(batch, length, (i, j) => (isPadding(i, j) ? 1 : 2 + ((i * 7 + j * 5) % 44))),
      attention_mask: rowsOf(batch, length, (i, j) => (isPadding(i, j) ? 0 : 1)),
    }
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, rows]) => {
        const described = session.inputMetadata.find((input) => input.name === name)
        const isLong = described?.isTensor === true && described.type === 'int64'
        return [
          name,
          isLong
            ? new OrtTensor('int64', rows.flat().map(BigInt), [batch, length])
            : new OrtTensor('int32', rows.flat(), [batch, length]),
        ]
      }),
    )
    const exported = await session.run(feeds)
    const predicted = await model.predict(inputs)
    const states = exported.last_hidden_state
    expect(states?.dims).toEqual([batch, length, 24])
    const expected = (await predicted.last_hidden_state?.data()) as Float32Array
    expectClose(states?.data as Float32Array, expected, { scaled: 1e-5 }, `${batch} × ${length}`)
  }
})
