// A variational autoencoder (Kingma and Welling 2013): digits as places on a plane, from which new ones can be drawn.
// Its loss is none of the catalogue, so the training step is written out.
//
//   npx tsx examples/vae.ts                        6000 steps, into runs/vae
//   npx tsx examples/vae.ts --latent 16            sharper digits; more than a plane can show
//
// 2026-11-25, 2 cores of an AMD EPYC, 65 s: 144.0 nats a test digit on a plane (the mean digit costs 205.8). The convnet of
// `npm start -- --epochs 15` is sure of 61.2 % of what is drawn from it.
import { join } from 'node:path'
import {
  compile,
  layers,
  losses,
  ops,
  optimizers,
  random,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  valueAndGrad,
} from 'typegrad'
import { digitJudge, judgeDigits } from './digit-judge.ts'
import { images, loadMnist } from './mnist-data.ts'
import { programOptions } from './options.ts'
import { writePictureSheet } from './picture-sheet.ts'
import { table } from './table.ts'

const options = programOptions({
  steps: 6000,
  latent: 2,
  judge: 'runs/mnist/model',
  output: 'runs/vae',
})
const { steps, latent } = options
const batch = 128

setRandomSeed(42)
const { train, test } = await loadMnist()
const digits = tensor(train.images, { shape: [60_000, 28, 28, 1] }) // bytes: cast batch by batch

// The encoder says where a digit lies, and how exactly: mean and logarithm of the variance of a normal distribution.
const encoder = sequential(
  [
    layers.flatten({ inputShape: [28, 28, 1] }), // (batch, 784)
    layers.dense({ units: 512, activation: 'relu' }),
    layers.dense({ units: 256, activation: 'relu' }),
    layers.dense({ units: 2 * latent }),
  ],
  { name: 'encoder' },
)

// The decoder draws what lies at a place: a logit for each pixel.
const decoder = sequential(
  [
    layers.dense({ units: 256, activation: 'relu', inputShape: [latent] }),
    layers.dense({ units: 512, activation: 'relu' }),
    layers.dense({ units: 784 }),
    layers.reshape({ targetShape: [28, 28, 1] }),
  ],
  { name: 'decoder' },
)

const crossEntropy = losses.binaryCrossentropy({ fromLogits: true, reduction: 'none' })

/** The negative evidence lower bound, in nats a digit: what the copy lost, and what the code says. */
function bound(pictures: Tensor): { readonly reconstruction: Tensor; readonly divergence: Tensor } {
  const [mean, logVariance] = ops.split(encoder.apply(pictures, { training: true }), 2, -1) as [
    Tensor,
    Tensor,
  ]
  // z = μ + σ·ε with ε from N(0, 1): chance stands beside the path of the gradient.
  const z = mean.add(
    logVariance
      .mul(0.5)
      .exp()
      .mul(random.normal([pictures.shape[0] as number, latent])),
  )
  const logits = decoder.apply(z, { training: true })
  const reconstruction = crossEntropy.apply(pictures, logits).sum([1, 2]).mean()
  // KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²)
  const divergence = mean.square().add(logVariance.exp()).sub(1).sub(logVariance).sum(-1).mul(0.5).mean()
  return { reconstruction, divergence }
}

const optimizer = optimizers.adam({ learningRate: 1e-3 })
const step = compile(() => {
  const chosen = random.integers([batch], { min: 0, max: 60_000 })
  const pictures = ops.cast(ops.gather(digits, chosen), 'float32').div(255) // (batch, 28, 28, 1)
  const weights = [...encoder.trainableWeights, ...decoder.trainableWeights]
  const { value, grads } = valueAndGrad(() => {
    const { reconstruction, divergence } = bound(pictures)
    return reconstruction.add(divergence)
  }, weights)
  optimizer.apply(grads, weights)
  return value
})

for (let i = 1; i <= steps; i++) {
  const loss = await step()
  if (i % 500 === 0 || i === steps)
    console.log(`step ${i}/${steps}  loss ${(await loss.item()).toFixed(1)} nats`)
}

const xTest = images(test) // (10000, 28, 28, 1)
const onTest = await compile(bound)(xTest)
const [reconstruction, divergence] = [await onTest.reconstruction.item(), await onTest.divergence.item()]
console.log(
  `test: ${(reconstruction + divergence).toFixed(1)} nats a digit, of which ${divergence.toFixed(1)} are what the code says`,
)

const draw = (z: Tensor): Tensor => decoder.apply(z).sigmoid()
const sheet = async (name: string, pictures: Tensor, columns: number): Promise<void> => {
  const values = Float32Array.from(await pictures.data(), Number)
  await writePictureSheet(join(options.output, name), { pictures: values, height: 28, width: 28, columns })
}

// New digits, from places drawn as the code's distribution has them, and what the convnet sees in them.
const samples = draw(random.normal([1000, latent], { seed: 1 }))
await sheet('samples.png', samples.slice([0], [100]), 10)
const judge = await digitJudge({ folder: options.judge })
const { confident, perDigit } = await judgeDigits(judge, samples)
const row = ['drawn by the decoder', `${(100 * confident).toFixed(1)} %`, ...perDigit.map(String)]
console.log(`\n${table(['1000 pictures', 'sure', ...'0123456789'], [row])}`)
console.log('sure: classed with a probability above 0.9; of these so many for each digit')

// Digits above, copies below.
const originals = xTest.slice([0], [10])
const [places] = ops.split(await encoder.predict(originals), 2, -1) as [Tensor]
await sheet('digits-and-copies.png', ops.concat([originals, draw(places)], 0), 10)

// The plane itself: 20 × 20 places, at equal shares of the normal distribution in each direction.
if (latent === 2) {
  const across = Array.from({ length: 20 }, (_, i) => normalQuantile((i + 0.5) / 20))
  await sheet('plane.png', draw(tensor(across.flatMap((y) => across.map((x) => [x, -y])))), 20)
}
console.log(`wrote ${options.output}`)

/** The z below which a standard normal variable lies with probability p; logistic approximation, to 0.01 here. */
function normalQuantile(p: number): number {
  return Math.log(p / (1 - p)) / 1.702
}
