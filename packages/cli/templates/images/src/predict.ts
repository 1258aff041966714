// Says what is on pictures: npx tsx src/predict.ts data/circle/01.png …; train.ts comes first.
import { readdirSync } from 'node:fs'
import { imageDataset } from '@typegrad/data'
import { loadModel } from 'typegrad'
import { size } from './classifier.ts'
import { path } from './paths.ts'

const given = process.argv.slice(2)
const pictures = given.length > 0 ? given : [path('data/circle/01.png')]
// Classes are the folders in the order of the alphabet, as in training.
const classes = readdirSync(path('data')).sort()

const model = await loadModel(path('models/pictures.keras'))
const batches = await imageDataset({
  paths: pictures,
  labelMode: null,
  imageSize: [size, size],
  shuffle: false,
})
const probabilities = (await (await model.predict(batches)).toArray()) as number[][]
for (const [i, row] of probabilities.entries()) {
  const best = row.indexOf(Math.max(...row))
  console.log(`${pictures[i]}: ${classes[best]} (${(100 * (row[best] ?? 0)).toFixed(0)} %)`)
}
