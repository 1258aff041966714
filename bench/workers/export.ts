// Writes the ONNX model of a workload into its folder: tsx export.ts <folder>
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compile, type Tensor, zeros } from 'typegrad'
import type { Workload } from '../workloads/index.ts'
import { readTensors } from './tensors.ts'
import { buildModel } from './typegrad-models.ts'

const folder = process.argv[2] as string
const workload = JSON.parse(await readFile(join(folder, 'workload.json'), 'utf8')) as Workload
await writeFile(join(folder, 'model.onnx'), await model())

async function model(): Promise<Uint8Array> {
  if (workload.kind !== 'matmul') {
    const { weights } = await readTensors(folder)
    return buildModel(workload, weights).toOnnx()
  }
  const size = workload.params.size as number
  const square = zeros([size, size])
  return compile((a: Tensor, b: Tensor) => a.matmul(b)).toOnnx(square, square)
}
