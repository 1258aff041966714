// The main job: a convolutional network learns to read 60,000 handwritten digits.
//
//   npm start                    3 epochs, into runs/mnist
//   npm start -- --epochs 15     longer; --resume goes on where a run was stopped
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { callbacks, loadModel, type Model, setRandomSeed } from 'typegrad'
import { drawnRow } from './digit-drawing.ts'
import { digitNetwork } from './digit-network.ts'
import { Interruption } from './interruption.ts'
import { images, labels, loadMnist } from './mnist-data.ts'
import { programOptions } from './options.ts'
import { confusionOf, isRight, type Reading, readings, rightOfEachClass, surestFirst } from './readings.ts'
import { writeReport } from './report.ts'
import { setAside, writeWhole } from './run-folder.ts'
import { grouped, percent, wrapped } from './text.ts'

const interruption = new Interruption('Stopped while the digits were read. Nothing was written.')
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
const columns = process.stdout.columns ?? 80
const say = (text: string): void => console.log(wrapped(text, columns))

setRandomSeed(42)
say(`Reading ${grouped(options.samples)} digits to learn from and 10,000 to test with …`)
const { train, test } = await loadMnist()
const [xTrain, yTrain] = [images(train, options.samples), labels(train, options.samples)]

const network = digitNetwork()
network.summary()

const resumes = options.resume && existsSync(backupFolder)
if (options.resume && !resumes) say(`There is no stopped run in ${folder}: this one begins anew.`)
const again = ['npm start --', ...process.argv.slice(2).filter((word) => word !== '--resume'), '--resume']
const goesOn = `${again.join(' ')} goes on behind its last whole epoch.`

/** Nothing is touched before all data has been read. */
const beginning = callbacks.lambdaCallback({
  onTrainBegin: () => {
    mkdirSync(folder, { recursive: true })
    const results = ['model', 'model.onnx', 'report.html', 'backup']
    if (!resumes && setAside(folder, results)) say(`What an earlier run left is now in ${folder}/earlier.`)
    interruption.stopsTraining(`Stopped within a batch. ${goesOn}`)
  },
})
const started = performance.now()
const history = await network.fit(xTrain, yTrain, {
  batchSize: 128,
  epochs,
  validationSplit: 0.1,
  signal: interruption.signal,
  callbacks: [
    beginning,
    callbacks.modelCheckpoint({ filepath: modelFolder, monitor: 'val_accuracy', saveBestOnly: true }),
    callbacks.backupAndRestore({ backupDir: backupFolder }),
  ],
})
const seconds = (performance.now() - started) / 1000

const stopped = interruption.signal.aborted
if (history.epoch.length === 0)
  interruption.exit('Stopped before the first epoch ended: this run has no model yet.')
if (stopped) say(`Stopped. The best model so far is in ${modelFolder}; ${goesOn}`)
interruption.endsWith(`Stopped before the report was written. The best model is in ${modelFolder}.`)
await judge(await loadModel(modelFolder))

/** Tests the best model on digits that it was neither trained nor chosen on, and writes what is worth keeping. */
async function judge(best: Model): Promise<void> {
  const scores = await best.evaluate(images(test), labels(test), { batchSize: 500, verbose: 0 })
  const { accuracy = 0, loss = 0 } = scores
  const probabilities = await best.predict(images(test), { batchSize: 500 }) // (10000, 10)
  const all = readings(test, await probabilities.data())
  const wrong = surestFirst(all.filter((reading) => !isRight(reading)))
  console.log(`test accuracy ${accuracy.toFixed(4)}, test loss ${loss.toFixed(4)}\n`)
  const meaning = meaningOf(history.history.val_accuracy ?? [])
  say(meaning)
  show('Read right, and how sure the network was', rightOfEachClass(all, 10, 1))
  show(
    `Read wrong, ${grouped(wrong.length)} of ${grouped(all.length)}, the surest first: what it is → what it was taken for`,
    wrong,
  )

  const [onnxFile, reportFile] = [join(folder, 'model.onnx'), join(folder, 'report.html')]
  writeWhole(onnxFile, await best.toOnnx())
  await writeReport(reportFile, {
    title: 'Handwritten digits',
    summary: [
      ['Test accuracy', percent(accuracy)],
      ['Test digits read wrong', `${grouped(wrong.length)} of ${grouped(all.length)}`],
      ['Epochs', stopped ? `${history.epoch.length} of ${epochs}` : grouped(history.epoch.length)],
      [resumes ? 'Training since it was resumed' : 'Training time', `${seconds.toFixed(0)} s`],
      ['Parameters', grouped(best.countParams())],
    ],
    history: history.history,
    meaning,
    confusion: confusionOf(all, 10),
    classes,
    right: rightOfEachClass(all, 10, 2),
    mistakes: wrong,
  })
  console.log()
  say(`wrote ${modelFolder}, ${onnxFile} and ${reportFile}`)
}

/** What the figures are, and why those of the validation may be better than those of the training. */
function meaningOf(validated: readonly number[]): string {
  const best = validated.indexOf(Math.max(...validated)) + 1
  return `Loss is the mean of −ln p, p being the probability that the network gave the true digit; accuracy is the share of digits read right. Training's figures are means over an epoch, taken while the network was still learning and dropout hid half of its features; validation's (val_) are taken after the epoch, without dropout, on ${grouped(options.samples / 10)} digits that it does not learn from. That is why validation may be better than training. The test is of epoch ${best}, the best by validation, on ${grouped(test.labels.length)} digits that had no part in learning or in that choice.`
}

function show(title: string, some: readonly Reading[]): void {
  const captioned = some.slice(0, 20).map((reading) => ({
    ...reading,
    caption: `${isRight(reading) ? reading.label : `${reading.label} → ${reading.guess}`}, ${percent(reading.confidence, 0)}`,
  }))
  if (captioned.length > 0) console.log(`\n${wrapped(title, columns)}\n${drawnRow(captioned, columns)}`)
}
