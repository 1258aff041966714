// Prediction in onnxruntime-node, by its own documentation: a session, tensors over typed arrays, run.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { SafetensorsEntry } from 'typegrad/formats'
import { isExported, isPretrained } from '../driver/prepare.ts'
import type { Workload } from '../workloads/index.ts'
import { Absent, type Runner, serve } from './serve.ts'
import { batchesOf, named, readTensors, type Tensors } from './tensors.ts'

const threads = Number(process.env.BENCH_THREADS)

function feedsOf(workload: Workload, data: Tensors): Record<string, SafetensorsEntry>[] {
  if (workload.kind !== 'matmul') return batchesOf(named(data, 'x')).map((x) => ({ x }))
  return [{ argument_0: named(data, 'a'), argument_1: named(data, 'b') }]
}

async function setup(workload: Workload, folder: string): Promise<Runner> {
  if (isPretrained(workload)) throw new Absent('it has no loop that generates, and no tokenizer')
  if (!isExported(workload)) throw new Absent('it predicts and does not train')
  const session = await InferenceSession.create(await readFile(join(folder, 'model.onnx')), {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
  })
  const feeds = feedsOf(workload, (await readTensors(folder)).data)
  let next = 0
  const run = async (): Promise<Float32Array> => {
    const feed = feeds[next++ % feeds.length] as Record<string, SafetensorsEntry>
    const inputs = Object.values(feed).map(({ dtype, shape, data }) =>
      dtype === 'int32'
        ? new Tensor('int32', data as Int32Array, shape)
        : new Tensor('float32', data as Float32Array, shape),
    )
    const outputs = await session.run(
      Object.fromEntries(session.inputNames.map((name, i) => [name, inputs[i] as Tensor])),
    )
    return outputs[session.outputNames[0] as string]?.data as Float32Array
  }
  return { run, losses: async () => Array.from((await run()).subarray(0, 5)) }
}

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
await serve(version, (workload, folder) => setup(workload as Workload, folder))
