import { Dataset, input, layers, model, type Tensor } from '../index.ts'

// Identity of types does not see through the mapped type of a row: each must fit the other.
type Same<A, B> = [A, B] extends [B, A] ? true : false
type Expect<T extends true> = T
type ElementOf<D> = D extends AsyncIterable<infer T> ? T : never

const pairs = Dataset.fromTensors([
  [
    [1, 2],
    [3, 4],
  ],
  [[1], [2]],
])
const typed = Dataset.fromTensors([new Float32Array(4), new Int32Array(4), new Float32Array(4)])
const list: Tensor[] = []
const unknown = Dataset.fromTensors(list)

export type RowCases = [
  Expect<Same<ElementOf<typeof pairs>, [Tensor, Tensor]>>,
  Expect<Same<ElementOf<typeof typed>, [Tensor, Tensor, Tensor]>>,
  Expect<Same<ElementOf<typeof unknown>, Tensor[]>>,
]

const x = input({ shape: [2] })
const net = model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) })

/** A data set of inputs and labels is what `fit`, `evaluate` and `predict` take, as rows of arrays give it. */
export const fitted = async () => {
  await net.fit(pairs.shuffle(2).batch(2).prefetch(1), { epochs: 1 })
  await net.fit(Dataset.fromTensors([[[1, 2]], [[1]], [1]]).batch(1))
  await net.evaluate(pairs.batch(2))
  return net.predict(pairs.batch(2))
}
