// Makes the pictures of the README and the guide again, from real output: npx tsx tools/pictures.ts
//
// It takes `script` (util-linux) for a terminal, and Chromium ($CHROMIUM, default `chromium`) for the report, and trains
// for a minute. What it writes into docs/pictures:
//
//   progress.svg   the terminal in the middle of the last epoch of `npm start`
//   report.png     the report that it leaves, down to the confusion matrix
//   model.svg      a model that plotModel draws
//   labelling.png  the page on which mails are labelled
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { input, layers, model, plotModel } from 'typegrad'
import { labellingPicture } from './labelling-picture.ts'
import { reportPicture } from './report-picture.ts'
import { screenOf, terminalSvg } from './terminal-picture.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pictures = join(root, 'docs', 'pictures')
mkdirSync(pictures, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'typegrad-pictures-'))

// The program in a terminal of 80 columns, and all that it writes there.
const columns = 80
const recording = join(folder, 'terminal')
const program = `stty cols ${columns} rows 40; ${process.execPath} --import tsx examples/mnist.ts --output ${folder}/run`
execFileSync('script', ['-qec', program, recording], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
const written = readFileSync(recording, 'utf8').replace(/^Script started.*\n/, '')

// What stands there when two thirds of the last epoch are done.
const last = written.lastIndexOf('Epoch 3/3')
const frame = [...written.slice(last).matchAll(/\r *(\d+)\/422 [^\r]*/g)].find(
  ([, done]) => Number(done) >= 280,
)
if (frame === undefined)
  throw new Error('The last epoch shows no progress: its batches are too fast to be drawn.')
const screen = screenOf(written.slice(0, last + frame.index + frame[0].length))
writeFileSync(join(pictures, 'progress.svg'), terminalSvg(['$ npm start', ...screen], columns))

writeFileSync(join(pictures, 'report.png'), reportPicture(join(folder, 'run', 'report.html')))

// A model with two inputs that meet.
const text = input({ shape: [40], dtype: 'int32', name: 'words' })
const picture = input({ shape: [28, 28, 1], name: 'picture' })
const read = layers
  .lstm({ units: 32, name: 'reading' })
  .apply(layers.embedding({ inputDim: 5000, outputDim: 16, maskZero: true, name: 'embedding' }).apply(text))
const pooled = layers
  .maxPooling2d({ poolSize: 2, name: 'pooling' })
  .apply(
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', name: 'convolution' }).apply(picture),
  )
const joined = layers
  .concatenate({ name: 'both' })
  .apply([read, layers.flatten({ name: 'flat' }).apply(pooled)])
const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(joined)
const both = model({ inputs: [text, picture], outputs: kind, name: 'post' })
writeFileSync(join(pictures, 'model.svg'), await plotModel(both, { showShapes: true }))

writeFileSync(join(pictures, 'labelling.png'), await labellingPicture())

rmSync(folder, { recursive: true })
console.log(`wrote ${pictures}`)
