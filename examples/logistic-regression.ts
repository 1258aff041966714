import { layers, losses, optimizers, regularizers, sequential, type Tensor, tensor } from 'typegrad'
import { Vocabulary, wordsOf } from './vocabulary.ts'

/** Rows of numbers, all as long. */
export type Rows = readonly Float32Array[]

/** Which of the vocabulary's words stand in each text: 1 or 0. It knows the words of the texts to learn from alone. */
export function wordRows(
  train: readonly string[],
  test: readonly string[],
): { readonly train: Rows; readonly test: Rows } {
  const vocabulary = new Vocabulary(train, { size: 2000 })
  const rowOf = (text: string): Float32Array => {
    const row = new Float32Array(vocabulary.size)
    for (const number of vocabulary.encode(text, wordsOf(text).length)) row[number] = 1
    return row
  }
  return { train: train.map(rowOf), test: test.map(rowOf) }
}

/** Logistic regression: the classes of the test's rows. */
export async function logisticRegression(
  { train, test }: { readonly train: Rows; readonly test: Rows },
  labels: readonly number[],
  { classes, l2 }: { readonly classes: number; readonly l2: number },
): Promise<readonly number[]> {
  const width = train[0]?.length ?? 0
  const model = sequential([
    layers.dense({ units: classes, kernelRegularizer: regularizers.l2({ l2 }), inputShape: [width] }),
  ])
  model.compile({
    optimizer: optimizers.adam({ learningRate: 0.05 }),
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
  })
  await model.fit(matrix(train), Int32Array.from(labels), {
    epochs: 200,
    batchSize: train.length,
    verbose: 0,
  })
  return (await (await model.predict(matrix(test))).argMax(-1).toArray()) as number[]
}

function matrix(rows: Rows): Tensor {
  const width = rows[0]?.length ?? 0
  const all = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) all.set(row, i * width)
  return tensor(all).reshape([rows.length, width])
}
