import { layers } from 'typegrad'
import { arange, ops, type Tensor, type Variable } from 'typegrad/core'
import { beginWeights } from './begin-weights.ts'
import { type VectorTable, vectorTable } from './factor-tables.ts'

export interface SequenceOptions {
  readonly items: number
  /** Items of a sequence. */
  readonly length: number
  readonly dimensions: number
  readonly blocks: number
  readonly heads: number
  /** The share of what dropout leaves out while training. */
  readonly rate: number
  readonly seed: number
}

/**
 * SASRec (Kang and McAuley, "Self-attentive sequential recommendation", 2018): what a user takes next follows from what it took before, by
 * causal self-attention. Sequences are filled up behind their end, where causality keeps the filling from being seen.
 */
export class SequenceNetwork {
  readonly options: SequenceOptions
  readonly items: VectorTable
  readonly positions: VectorTable
  readonly #blocks
  readonly #normalization = layers.layerNormalization({ epsilon: 1e-8 })
  readonly #dropout

  constructor(options: SequenceOptions) {
    const { items, length, dimensions, blocks, heads, rate, seed } = options
    this.options = options
    this.items = vectorTable(items, dimensions, 0.02, seed)
    this.positions = vectorTable(length, dimensions, 0.02, seed + 1)
    this.#dropout = layers.dropout({ rate, seed: seed + 2 })
    this.#blocks = Array.from({ length: blocks }, (_, i) => ({
      before: layers.layerNormalization({ epsilon: 1e-8 }),
      attention: layers.multiHeadAttention({ numHeads: heads, keyDim: dimensions / heads }),
      between: layers.layerNormalization({ epsilon: 1e-8 }),
      inner: layers.dense({ units: dimensions, activation: 'relu' }),
      outer: layers.dense({ units: dimensions }),
      dropouts: [3, 4].map((key) => layers.dropout({ rate, seed: seed + 10 * i + key })),
    }))
    const states = [null, length, dimensions]
    for (const { before, attention, between, inner, outer } of this.#blocks) {
      for (const layer of [before, between, inner, outer]) layer.ensureBuilt(states)
      attention.ensureBuilt([states, states])
    }
    this.#normalization.ensureBuilt(states)
    beginWeights(this.weights.slice(2), seed + 3)
  }

  /** Vectors of items and of positions; of each block norm, attention, norm and two layers; the last norm. */
  get weights(): readonly Variable[] {
    return [
      this.items,
      this.positions,
      ...this.#blocks.flatMap(({ before, attention, between, inner, outer }) => [
        ...[before, attention, between, inner, outer],
      ]),
      this.#normalization,
    ].flatMap((layer) => layer.trainableWeights)
  }

  /** What is known after each item of sequences: (batch, length) → (batch, length, dimensions). */
  states(sequences: Tensor, training: boolean): Tensor {
    const { length, dimensions } = this.options
    const drop = (layer: ReturnType<typeof layers.dropout>, x: Tensor): Tensor => layer.apply(x, { training })
    const positions = this.positions.call(arange(0, length, 1, { dtype: 'int32' }) as Tensor)
    let x = drop(this.#dropout, this.items.call(sequences).mul(Math.sqrt(dimensions)).add(positions))
    for (const { before, attention, between, inner, outer, dropouts } of this.#blocks) {
      const [first, second] = dropouts as [
        ReturnType<typeof layers.dropout>,
        ReturnType<typeof layers.dropout>,
      ]
      const seen = before.apply(x)
      x = x.add(drop(first, attention.apply([seen, seen], { useCausalMask: true }) as Tensor))
      x = x.add(drop(second, outer.apply(inner.apply(between.apply(x)))))
    }
    return this.#normalization.apply(x)
  }

  /**
   * −ln of the softmax over candidates at the item that came next, on average over the places that have one. Where the candidates are all
   * items that is the whole softmax; drawn uniformly they stand for the others, and the one that came next is among them once.
   *
   * @param sequences places of items (batch, length)
   * @param next places of the items that came next (batch, length)
   * @param weights 1 where there is a next item, 0 behind the end (batch, length)
   * @param candidates places of items (count)
   */
  loss(sequences: Tensor, next: Tensor, weights: Tensor, candidates: Tensor): Tensor {
    const { dimensions } = this.options
    const states = this.states(sequences, true).reshape([next.size, dimensions])
    const places = next.reshape([next.size, 1])
    const own = ops.sum(states.mul(this.items.call(next.reshape([next.size]))), -1, { keepDims: true }) // (batch · length, 1)
    const others = states.matmul(this.items.call(candidates).transpose()) // (batch · length, count)
    const isNext = ops.equal(places, candidates.reshape([1, candidates.size])).cast('float32')
    const all = ops.logSumExp(ops.concat([own, others.sub(isNext.mul(1e9))], -1), -1)
    const costs = all.sub(own.squeeze(-1)).mul(weights.reshape([next.size]))
    return costs.sum().div(weights.sum())
  }
}
