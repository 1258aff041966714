// The small programs in TensorFlow.js, as whole processes. Its WebAssembly backend where that is fastest; for models
// as small as these its backend in plain JavaScript starts and runs faster, and is what is measured.
import * as tf from '@tensorflow/tfjs'

const [, , program] = process.argv
await tf.setBackend('cpu')

function mlp(inputs, ...units) {
  const all = [...units.map((n) => ({ units: n, activation: 'relu' })), { units: 1 }]
  all[0].inputShape = [inputs]
  return tf.sequential({ layers: all.map((options) => tf.layers.dense(options)) })
}

async function fit(model, optimizer, x, y) {
  model.compile({ optimizer, loss: 'meanSquaredError' })
  const { history } = await model.fit(x, y, { epochs: 100, verbose: 0 })
  console.log(`loss ${history.loss.at(-1).toFixed(3)}`)
  console.log(model.predict(tf.tensor([[0], [0.5], [1]])).arraySync())
}

if (program === 'first-prediction') {
  console.log(
    mlp(8, 64)
      .predict(tf.tensor([[0, 1, 2, 3, 4, 5, 6, 7]]))
      .arraySync(),
  )
} else {
  const x = tf.randomUniform([100, 1])
  const y = x
    .mul(2)
    .add(1)
    .add(tf.randomNormal([100, 1]))
  if (program === 'linear-regression') {
    await fit(mlp(1), tf.train.sgd(0.1), x, y)
  } else {
    await fit(mlp(1, 64, 64), 'adam', x, y)
    await fit(mlp(1, 64), 'adam', x, y)
  }
}
