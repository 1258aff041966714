import { type CompiledFunction, compile, FormatError, type Tensor, tensor } from 'typegrad/core'
import { readArray, readList, readNumbers, readPart } from '../../saving/saved.ts'
import { type Grouped, othersOf } from '../interactions/interactions.ts'
import { SequenceNetwork } from '../networks/sequence-network.ts'
import type { VectorRows } from '../retrieval/vector-rows.ts'
import { tableOf } from './network-vectors.ts'
import type { Scorer } from './scorer.ts'
import { ByVectors, readVectorScorer, VectorScorer } from './vector-scorer.ts'

/** Users whose states are found at a time. */
const batch = 64

/** Scores by the state that a network is in after what a user took: h · q_i. */
export class SequenceScorer extends ByVectors implements Scorer {
  readonly kind = 'sequence'
  readonly #network: SequenceNetwork

  constructor(network: SequenceNetwork, vectors: VectorScorer) {
    super(vectors)
    this.#network = network
  }

  /** @param history what users took. */
  static async of(network: SequenceNetwork, history: Grouped): Promise<SequenceScorer> {
    const items = await tableOf(network.items)
    return new SequenceScorer(network, await scorerAfter(network, history, items))
  }

  async informed(history: Grouped): Promise<SequenceScorer> {
    const { items } = this.vectors
    return new SequenceScorer(this.#network, await scorerAfter(this.#network, history, items))
  }

  async toSaved() {
    const { length, dimensions, blocks, heads } = this.#network.options
    const weights: Float32Array[] = []
    for (const weight of this.#network.weights)
      weights.push(Float32Array.from(await weight.value.data(), Number))
    return { vectors: this.found.toSaved(), shape: [length, dimensions, blocks, heads], weights }
  }
}

/** Users by the states after what they took; one who took nothing has one of 0. */
async function scorerAfter(
  network: SequenceNetwork,
  history: Grouped,
  items: VectorRows,
): Promise<VectorScorer> {
  const { length, dimensions } = network.options
  const count = history.starts.length - 1
  const values = new Float32Array(count * dimensions)
  const run = statesOf(network)
  for (let first = 0; first < count; first += batch) {
    const sequences = new Int32Array(batch * length)
    const ends = new Int32Array(batch)
    for (let i = 0; i < batch && first + i < count; i++) {
      const own = othersOf(history, first + i).slice(-length)
      sequences.set(own, i * length)
      ends[i] = own.length - 1
    }
    const states = await (
      await run(tensor(sequences, { dtype: 'int32', shape: [batch, length] }) as Tensor)
    ).data()
    for (let i = 0; i < batch && first + i < count; i++)
      for (let d = 0; d < dimensions && (ends[i] as number) >= 0; d++)
        values[(first + i) * dimensions + d] = Number(
          states[(i * length + (ends[i] as number)) * dimensions + d],
        )
  }
  return new VectorScorer({
    mean: 0,
    userBiases: new Float32Array(count),
    itemBiases: new Float32Array(items.count),
    users: { count, dimensions, values },
    items,
  })
}

const compiled = new WeakMap<SequenceNetwork, CompiledFunction<readonly [Tensor], Tensor>>()

/** The network's states as a compiled function, one for each network. */
function statesOf(network: SequenceNetwork): CompiledFunction<readonly [Tensor], Tensor> {
  const made = compiled.get(network) ?? compile((sequences: Tensor) => network.states(sequences, false))
  compiled.set(network, made)
  return made
}

/** @throws FormatError for what is damaged. */
export function readSequenceScorer(saved: unknown): SequenceScorer {
  const [length = 0, dimensions = 0, blocks = 0, heads = 0] = readNumbers(saved, 'shape')
  const vectors = readVectorScorer(readPart(saved, 'vectors'))
  const items = vectors.vectors.items.count
  const network = new SequenceNetwork({ items, length, dimensions, blocks, heads, rate: 0, seed: 0 })
  const weights = readList(saved, 'weights')
  for (const [i, weight] of network.weights.entries()) {
    const values = readArray({ weight: weights[i] }, 'weight', Float32Array)
    if (values.length !== weight.shape.reduce((a, b) => a * b, 1))
      throw new FormatError({
        where: `recommender: weight ${i}`,
        expected: `the shape [${weight.shape.join(', ')}]`,
        received: `${values.length} numbers`,
        fix: 'The file is damaged: restore it from a copy, or train the model again.',
      })
    weight.assign(tensor(values, { shape: weight.shape }) as Tensor)
  }
  return new SequenceScorer(network, vectors)
}
