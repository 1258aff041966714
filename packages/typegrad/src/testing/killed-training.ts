/**
 * A training that is killed: `killed-training.ts <folder> <epoch>:<batch>` ends itself in the middle of a batch, with
 * no chance to tidy up; run again without a moment it goes on to its end and writes the final weights and history.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Callback, callbacks, layers, sequential, setRandomSeed } from '../index.ts'

const [folder = '', moment = ''] = process.argv.slice(2)

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
model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
const x = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(i), i / 60])
const y = x.map(([a = 0, b = 0, c = 0]) => a * b + c)
const history = await model.fit(x, y, {
  epochs: 6,
  batchSize: 8,
  validationSplit: 0.2,
  verbose: 0,
  callbacks: [
    callbacks.earlyStopping({ patience: 10, restoreBestWeights: true }),
    callbacks.modelCheckpoint({ filepath: join(folder, 'best'), saveBestOnly: true }),
    callbacks.backupAndRestore({ backupDir: join(folder, 'backup') }),
    new Kill(),
  ],
})
await model.saveWeights(join(folder, 'weights.safetensors'))
writeFileSync(join(folder, 'history.json'), JSON.stringify({ ...history.history, epoch: history.epoch }))
