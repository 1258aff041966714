/**
 * A training that is killed: `killed-training.ts <folder> <epoch>:<batch>` ends itself in the middle of a batch, with
 * no chance to tidy up; run again without a moment it goes on to its end and writes the final weights and history.
 * Behind these: where the data comes from (`arrays`, `dataset`, `repeated`, `function`), and after how many batches
 * there is a backup (`epoch`, or a number).
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Callback,
  callbacks,
  Dataset,
  type FitOptions,
  layers,
  type StreamedBatch,
  sequential,
  setRandomSeed,
} from '../index.ts'

const [folder = '', moment = '', form = 'arrays', frequency = 'epoch'] = process.argv.slice(2)

class Kill extends Callback {
  #epoch = 0
  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch
  }
  override onTrainBatchEnd(batch: number): void {
    if (moment === `${this.#epoch}:${batch}`) process.kill(process.pid, 'SIGKILL')
    // Or at any moment of what follows: the rest of the batch, the epoch's end, the backup.
    if (moment === `after ${this.#epoch}:${batch}`) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2)
  }
}

setRandomSeed(5)
const model = sequential([
  layers.dense({ units: 16, activation: 'relu', inputShape: [3] }),
  layers.dropout({ rate: 0.3 }),
  layers.batchNormalization(),
  layers.dense({ units: 1 }),
])
model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae', 'r2_score'] })
const x = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(i), i / 60])
const y = x.map(([a = 0, b = 0, c = 0]) => a * b + c)
const options: FitOptions = {
  epochs: 6,
  verbose: 0,
  callbacks: [
    callbacks.earlyStopping({ patience: 10, restoreBestWeights: true }),
    callbacks.modelCheckpoint({ filepath: join(folder, 'best'), saveBestOnly: true }),
    callbacks.backupAndRestore({
      backupDir: join(folder, 'backup'),
      saveFreq: frequency === 'epoch' ? frequency : Number(frequency),
    }),
    new Kill(),
  ],
}
const rows = (from: number, to: number) => Dataset.fromTensors([x.slice(from, to), y.slice(from, to)])
/** Batches of samples that are shuffled twice, once before they are kept. */
const batches = (from: number, to: number): Dataset<StreamedBatch> =>
  rows(from, to)
    .shuffle(60, { seed: 3 })
    .cache()
    .shuffle(20, { seed: 4 })
    .map(([features, label]) => [features, label] as const)
    .batch(8)
    .prefetch(2) as unknown as Dataset<StreamedBatch>
const validationData = batches(48, 60)
const streams: Readonly<Record<string, () => Dataset<StreamedBatch> | (() => Iterable<StreamedBatch>)>> = {
  dataset: () => batches(0, 48),
  // Epochs of 5 batches, which do not begin where the readings of the 6 begin.
  repeated: () => batches(0, 48).repeat(),
  function: () =>
    function* () {
      for (let i = 0; i < 48; i += 8) yield [x.slice(i, i + 8), y.slice(i, i + 8)]
    },
}
const stream = streams[form]?.()
const history =
  stream === undefined
    ? await model.fit(x, y, { ...options, batchSize: 8, validationSplit: 0.2 })
    : await model.fit(stream, {
        ...options,
        validationData,
        ...(form === 'repeated' ? { stepsPerEpoch: 5 } : {}),
      })
await model.saveWeights(join(folder, 'weights.safetensors'))
writeFileSync(join(folder, 'history.json'), JSON.stringify({ ...history.history, epoch: history.epoch }))
