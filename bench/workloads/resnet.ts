import { conv, dense, norm, type Weights } from './weights.ts'
import { step, type TensorSpec, training, type Workload } from './workload.ts'

export const resnetStages: readonly (readonly [filters: number, stride: number])[] = [
  [64, 1],
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
]

function resnet(): { readonly weights: Weights; readonly products: number } {
  const weights: TensorSpec[] = [...conv('stem', 3, 3, 64, false), ...norm('stem_norm', 64)]
  let [size, inputs] = [32, 64]
  let products = size ** 2 * 9 * 3 * 64
  resnetStages.forEach(([filters, stride], i) => {
    size /= stride
    weights.push(...conv(`block${i}_conv0`, 3, inputs, filters, false), ...norm(`block${i}_norm0`, filters))
    weights.push(...conv(`block${i}_conv1`, 3, filters, filters, false), ...norm(`block${i}_norm1`, filters))
    products += size ** 2 * 9 * (inputs + filters) * filters
    if (stride !== 1 || inputs !== filters) {
      weights.push(
        ...conv(`block${i}_short`, 1, inputs, filters, false),
        ...norm(`block${i}_short_norm`, filters),
      )
      products += size ** 2 * inputs * filters
    }
    inputs = filters
  })
  weights.push(...dense('classes', 512, 10))
  return { weights, products }
}

const { weights: resnetWeights, products: resnetProducts } = resnet()

export const resnetWorkload: Workload = {
  ...step,
  id: 'resnet18',
  title: 'ResNet-18 on 32×32, batch 32, SGD with momentum',
  kind: 'resnet18',
  params: { batch: 32 },
  weights: resnetWeights,
  data: [
    { name: 'x', shape: [4, 32, 32, 32, 3], fill: { kind: 'uniform', limit: Math.sqrt(3) } },
    { name: 'y', shape: [4, 32], fill: { kind: 'integers', below: 10 } },
  ],
  flops: training(32 * resnetProducts),
  perRound: 1,
  rounds: 8,
  warmUp: 2,
  tryOneThread: false,
  memory: 2.5e9,
  target: 0.8,
}
