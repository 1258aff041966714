import * as ort from 'onnxruntime-node'
import { writeFiles } from '../../bench/driver/files.ts'
import { batchesOf, named, readTensors } from '../../bench/workers/tensors.ts'
import { buildModel } from '../../bench/workers/typegrad-models.ts'
import { Workload } from '../../bench/workloads/index.ts'
import { predictionWorkloads } from '../../bench/workloads/prediction.ts'

const w = predictionWorkloads.find((x) => x.id === process.argv[2])!
const folder = await writeFiles(w, '/tmp/benchfiles')
const { weights, data } = await readTensors(folder)
const model = buildModel(w, weights)
const bytes = await model.toOnnx()
const xs = batchesOf(named(data, 'x'))
const session = await ort.InferenceSession.create(bytes, {
  intraOpNumThreads: 2,
  graphOptimizationLevel: 'all',
  optimizedModelFilePath: '/tmp/opt-ort.onnx',
})
const x0 = xs[0]!
const tens = () => new ort.Tensor(x0.dtype as any, x0.data as any, x0.shape)
const ours = async () => {
  const s = performance.now()
  await (await model.predictOnBatch(x0.data)).data()
  return performance.now() - s
}
const theirs = async () => {
  const s = performance.now()
  await session.run({ [session.inputNames[0]!]: tens() })
  return performance.now() - s
}
const med = (x: number[], p = 0.5) => x.toSorted((a, b) => a - b)[Math.floor(x.length * p)]!
for (const phase of [0, 1, 2, 3]) {
  const a: number[] = [],
    b: number[] = []
  const n = phase === 0 ? 6 : +process.argv[3]!
  for (let i = 0; i < n; i++) {
    a.push(await ours())
  }
  for (let i = 0; i < n; i++) {
    b.push(await theirs())
  }
  for (let i = 0; i < n; i++) {
    a.push(await ours())
  }
  console.log(phase, med(a).toFixed(3), med(b).toFixed(3), (med(a) / med(b)).toFixed(3))
}
{
  const { compile, tensor } = await import('typegrad')
  const t = tensor(x0.data as any, { shape: x0.shape as number[], dtype: x0.dtype as any })
  await t.evaluate()
  const a: number[] = [],
    b: number[] = [],
    c: number[] = []
  const n = +process.argv[3]!
  for (let r = 0; r < 6; r++) {
    for (let i = 0; i < n; i++) {
      const s = performance.now()
      const y = await model.predictOnBatch(t)
      a.push(performance.now() - s)
    }
    for (let i = 0; i < n; i++) {
      const s = performance.now()
      const y = await model.predictOnBatch(x0.data)
      b.push(performance.now() - s)
    }
    for (let i = 0; i < n; i++) c.push(await theirs())
  }
  console.log('tensor', med(a).toFixed(3), 'array', med(b).toFixed(3), 'ort', med(c).toFixed(3))
}
