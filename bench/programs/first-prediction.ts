// From the start of the process to the first prediction of a small model.
import { layers, sequential } from 'typegrad'

const model = sequential([
  layers.dense({ units: 64, activation: 'relu', inputShape: [8] }),
  layers.dense({ units: 1 }),
])
console.log(await (await model.predict([[0, 1, 2, 3, 4, 5, 6, 7]])).toArray())
