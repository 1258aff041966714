// The main job: a convolutional network learns to read 60,000 handwritten digits.
//
//   npm start                    3 epochs, into runs/mnist
//   npm start -- --epochs 15     longer; --resume goes on where a run was stopped
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { callbacks, loadModel, type Model, setRandomSeed } from 'typegrad'
import { digitNetwork } from './digit-network.ts'
import { images, labels, loadMnist } from './mnist-data.ts'
import { programOptions } from './options.ts'
import { writeReport } from './report.ts'

const options = programOptions({
  epochs: 3,
  output: 'runs/mnist',
  samples: 60_000,
  resume: false,
})
const { epochs } = options
const folder = options.output
const modelFolder = join(folder, 'model')
const backupFolder = join(folder, 'backup')
const classes = Array.from({ length: 10 }, (_, digit) => String(digit))

setRandomSeed(42)
const { train, test } = await loadMnist()
await mkdir(folder, { recursive: true })
if (!options.resume) await rm(backupFolder, { recursive: true, force: true })

const network = digitNetwork()
network.summary()

// Ctrl-C ends the training after the current batch; a second one ends the program.
const stop = new AbortController()
process.once('SIGINT', () => {
  console.log('\nStopping after this batch …')
  stop.abort()
})

const started = performance.now()
const history = await network.fit(images(train, options.samples), labels(train, options.samples), {
  batchSize: 128,
  epochs,
  validationSplit: 0.1,
  signal: stop.signal,
  callbacks: [
    callbacks.modelCheckpoint({ filepath: modelFolder, monitor: 'val_accuracy', saveBestOnly: true }),
    callbacks.backupAndRestore({ backupDir: backupFolder }),
  ],
})
const seconds = (performance.now() - started) / 1000

if (history.epoch.length === 0) {
  console.log('Stopped before the first epoch ended: there is no model yet.')
} else {
  if (stop.signal.aborted) {
    console.log(
      `Stopped. The best model so far is in ${modelFolder}; npm start -- --epochs ${epochs} --resume goes on.`,
    )
  }
  await judge(await loadModel(modelFolder))
}

/** Tests the best model on digits that nobody has trained or chosen it on, and writes what is worth keeping. */
async function judge(best: Model): Promise<void> {
  const scores = await best.evaluate(images(test), labels(test), { batchSize: 500, verbose: 0 })
  console.log(
    `test accuracy ${(scores.accuracy ?? 0).toFixed(4)}, test loss ${(scores.loss ?? 0).toFixed(4)}`,
  )
  const probabilities = await best.predict(images(test), { batchSize: 500 })
  const flat = await probabilities.data()
  const guesses = await probabilities.argMax(-1).data()

  const confusion = classes.map(() => classes.map(() => 0))
  const mistakes = []
  for (let i = 0; i < test.labels.length; i++) {
    const [label, guess] = [Number(test.labels[i]), Number(guesses[i])]
    const row = confusion[label] as number[]
    row[guess] = (row[guess] as number) + 1
    if (label === guess) continue
    const image = test.images.subarray(i * 784, (i + 1) * 784)
    mistakes.push({ image, width: 28, height: 28, label, guess, confidence: Number(flat[i * 10 + guess]) })
  }
  await writeFile(join(folder, 'model.onnx'), await best.toOnnx())
  const report = join(folder, 'report.html')
  await writeReport(report, {
    title: 'Handwritten digits',
    summary: [
      ['Test accuracy', `${((scores.accuracy ?? 0) * 100).toFixed(2)} %`],
      ['Test digits read wrong', `${mistakes.length} of ${test.labels.length}`],
      ['Epochs', String(history.epoch.length)],
      ['Training time', `${seconds.toFixed(0)} s`],
      ['Parameters', best.countParams().toLocaleString('en-US')],
    ],
    history: history.history,
    confusion,
    classes,
    mistakes,
  })
  console.log(`wrote ${modelFolder}, ${join(folder, 'model.onnx')} and ${report}`)
}
