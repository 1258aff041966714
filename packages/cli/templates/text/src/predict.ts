// Says what messages are about: npx tsx src/predict.ts "Where is my parcel?"; train.ts comes first.
import { loadModel } from 'typegrad'
import { classes } from './classes.ts'
import { path } from './paths.ts'

const given = process.argv.slice(2)
const messages = given.length > 0 ? given : ['I was charged twice this month.', 'My parcel has not arrived.']

const model = await loadModel(path('models/messages.keras'))
const probabilities = (await (await model.predict(messages)).toArray()) as number[][]
for (const [i, row] of probabilities.entries()) {
  const best = row.indexOf(Math.max(...row))
  console.log(`${messages[i]} → ${classes[best]} (${(100 * (row[best] ?? 0)).toFixed(0)} %)`)
}
