// Trains a model of the table in data/, tells what it reaches on rows that it did not see, and keeps it in models/.
import { mkdir } from 'node:fs/promises'
import { train } from '@typegrad/tabular'
import { path } from './paths.ts'

const model = await train(path('data/customers.csv'), {
  target: 'churn', // the column that is predicted
  ignore: ['id'], // columns that say nothing of a customer who is new
  budget: 60, // seconds after which no further model is tried
})
console.log(`${model}`)

await mkdir(path('models'), { recursive: true })
await model.save(path('models/churn.model'))
