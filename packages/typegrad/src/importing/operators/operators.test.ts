import { expect, test } from 'vitest'
import '../../index.ts'
import { toNumbers } from '../../base/conversions.ts'
import type { FileTensor, FileType } from '../../onnx/file.ts'
import { readOnnxFile } from '../../onnx/read-file.ts'
import { evaluateAll, fromData, type Tensor } from '../../tensor/tensor.ts'
import { expectClose } from '../../testing/closeness.ts'
import { readGolden } from '../../testing/golden.ts'
import { elementsOf } from '../elements.ts'
import { Interpreter } from '../interpreter.ts'
import { OnnxSource } from '../source.ts'

/** A tensor as its bytes. */
interface Stored {
  readonly type: FileType
  readonly shape: readonly number[]
  readonly data: string
}

interface Case {
  readonly name: string
  readonly model: string
  readonly inputs: readonly Stored[]
  readonly outputs: readonly Stored[]
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

const elements = (name: string, { type, shape, data }: Stored) => {
  const tensor: FileTensor = { name, type, shape, content: { kind: 'bytes', bytes: bytesOf(data) } }
  return elementsOf(name, tensor)
}

/** What a node gives; every input is known, as shapes and axes have to be. */
function valuesOf({ model, inputs }: Case): readonly Tensor[] {
  const file = readOnnxFile(bytesOf(model))
  const pool = new OnnxSource(file, new Map()).pool
  const given = file.graph.inputs.map(({ name, type }, i) => {
    const { data, shape, dtype } = elements(name, inputs[i] as Stored)
    const tensor = fromData(data, shape, dtype)
    pool.setType(tensor, type)
    return [name, tensor] as const
  })
  const outputs = file.graph.outputs.map(({ name }) => name)
  return new Interpreter(file, pool).run(new Map(given), outputs) as readonly Tensor[]
}

/** Cases that are one program: each its own would be compiled for long, and so would all in one. */
const together = 30

/** Some of ONNX's own tests of each operator, by tools/golden/make_onnx_nodes.py. */
test('operators give what the suite of ONNX says', { timeout: 60_000 }, async () => {
  const cases = readGolden<readonly Case[]>('onnx-nodes.json')
  const made = cases.map((one) => valuesOf(one))
  for (let i = 0; i < made.length; i += together) await evaluateAll(made.slice(i, i + together).flat())
  for (const [i, { name, outputs }] of cases.entries())
    for (const [j, stored] of outputs.entries()) {
      const value = made[i]?.[j] as Tensor
      const expected = elements(name, stored)
      expect(value.shape, name).toEqual(expected.shape)
      const numbers = Array.from(toNumbers(expected.data, expected.dtype), Number)
      expectClose(toNumbers(await value.data(), value.dtype), numbers, { scaled: 1e-5 }, name)
    }
})
