import * as ort from 'onnxruntime-node'
import { writeFiles } from '../../bench/driver/files.ts'
import { batchesOf, named, readTensors } from '../../bench/workers/tensors.ts'
import { buildModel } from '../../bench/workers/typegrad-models.ts'
import { predictionWorkloads } from '../../bench/workloads/prediction.ts'

const w = predictionWorkloads.find((x) => x.id === process.argv[2])!
const folder = await writeFiles(w, '/tmp/benchfiles')
const { weights, data } = await readTensors(folder)
const model = buildModel(w, weights)
const session = await ort.InferenceSession.create(await model.toOnnx(), {
  intraOpNumThreads: 2,
  graphOptimizationLevel: 'all',
  enableProfiling: true,
  profileFilePrefix: '/tmp/ortprof',
})
const x0 = batchesOf(named(data, 'x'))[0]!
for (let i = 0; i < 60; i++)
  await session.run({ [session.inputNames[0]!]: new ort.Tensor(x0.dtype as any, x0.data as any, x0.shape) })
session.endProfiling()
