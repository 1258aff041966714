// Predicts customers by the model that train.ts kept. Run that first.
import { TableModel } from '@typegrad/tabular'
import { path } from './paths.ts'

const model = await TableModel.load(path('models/churn.model'))
const customers = [
  { tenure: 2, plan: 'basic', charge: 79, calls: 6, region: 'north' },
  { tenure: 48, plan: 'family', charge: 35, calls: 0, region: 'south' },
]
const { values, probabilities, drift } = await model.predict(customers)
for (const [i, value] of values.entries())
  console.log(customers[i], '→', value, probabilities?.map((of) => of[i]?.toFixed(2)).join(' / '))
for (const { message } of drift) console.warn(message)
