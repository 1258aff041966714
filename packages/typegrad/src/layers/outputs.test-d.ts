import { input, Layer, layers, model, type SymbolicTensor, type Tensor } from '../index.ts'

type Same<A, B> = [A, B] extends [B, A] ? true : false
type Expect<T extends true> = T

const sequences = input({ shape: [10, 8] })
declare const batch: Tensor

/** Halves of the features. */
class Halves extends Layer<Tensor, readonly [Tensor, Tensor]> {
  readonly className = 'Halves'
  call(x: Tensor): readonly [Tensor, Tensor] {
    const half = (x.shape.at(-1) as number) / 2
    return [x.slice([0, 0], [-1, half]), x.slice([0, half], [-1, half])]
  }
}

/** A layer of a list says that it is one. */
export class Silent extends Layer {
  readonly className = 'Silent'
  // @ts-expect-error a layer with one output gives a list
  call(x: Tensor): readonly Tensor[] {
    return [x, x]
  }
}

const [y, h, c] = layers.lstm({ units: 4, returnState: true }).apply(sequences)
const one = layers.lstm({ units: 4, returnSequences: true }).apply(sequences)
const [, state] = layers.gru({ units: 4, returnState: true }).apply(batch)
const [forwards, backwards] = layers
  .bidirectional({ layer: layers.gru({ units: 4 }), mergeMode: null })
  .apply(sequences)
const joined = layers.bidirectional({ layer: layers.lstm({ units: 4 }) }).apply(sequences)
const [attended, scores] = layers
  .multiHeadAttention({ numHeads: 2, keyDim: 4 })
  .apply([sequences, sequences], { returnAttentionScores: true })
const alone = layers.attention().apply([batch, batch])
const [left, right] = new Halves().apply(batch)
const [first, second] = layers.lambda((x: Tensor) => [x, x.neg()] as const).apply(batch)

export type OutputCases = [
  Expect<Same<typeof y | typeof h | typeof c, SymbolicTensor>>,
  Expect<Same<typeof one, SymbolicTensor>>,
  Expect<Same<typeof state, Tensor>>,
  Expect<Same<typeof forwards | typeof backwards, SymbolicTensor>>,
  Expect<Same<typeof joined, SymbolicTensor>>,
  Expect<Same<typeof attended | typeof scores, SymbolicTensor>>,
  Expect<Same<typeof alone, Tensor>>,
  Expect<Same<typeof left | typeof right, Tensor>>,
  Expect<Same<typeof first | typeof second, Tensor>>,
]

const listed = model({ inputs: sequences, outputs: [y, h] })
const named = model({ inputs: { sequences }, outputs: { y, state: h } })
const [again] = listed.apply(sequences)
const { state: last } = named.apply({ sequences })
const { y: values } = named.apply({ sequences: batch })
const part = model({ inputs: named.inputs, outputs: named.output.state })

export type ModelCases = [
  Expect<Same<typeof again, SymbolicTensor>>,
  Expect<Same<typeof last, SymbolicTensor>>,
  Expect<Same<typeof values, Awaited<ReturnType<typeof named.predict>>['y']>>,
  Expect<Same<typeof part.output, SymbolicTensor>>,
]

/** Models of one output, and lists of any layers, go where they went before. */
export const nested: readonly Layer[] = [layers.lstm({ units: 2 }), part, layers.lambda((x) => x.mul(2))]
