import { evaluateAll, type layers, ops, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { type AnyLayer, type CallInterceptor, interceptCalls } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { blocksOf } from '../layers/blocks.ts'
import { contextOf, EncoderDecoderBody, type Part } from '../layers/network.ts'

/** A batch of what a model takes, by the names of its inputs. */
export type CalibrationBatch = Readonly<Record<string, Tensor>>

/** What one of the batches is on its way through the network. */
interface Reading {
  readonly batch: CalibrationBatch
  /** What the block gets that is being looked at; undefined before the first one. */
  states: Tensor | undefined
}

/**
 * Batches on their way through a network's blocks, which lets one block after the other be looked at and changed: of each batch
 * there are the states before that block and no others, whatever the depth.
 *
 * The network computes everything around the blocks (masks, positions) itself. It is traced as a whole with what the block before
 * gave as a known value in its place, so that nothing of what stands before is computed again.
 */
export class BlockInputs {
  readonly #model: PretrainedModel
  readonly #readings: readonly Reading[]
  readonly blocks: readonly Part[]
  #block = 0

  /** @throws ArgumentError for an encoder–decoder, and batches that are not what the model takes. */
  constructor(where: string, model: PretrainedModel, batches: readonly CalibrationBatch[]) {
    this.#model = model
    this.blocks = blocksOf(model.network)
    if (model.network instanceof EncoderDecoderBody || this.blocks.length === 0) {
      throw new ArgumentError({
        where,
        expected: 'an encoder or a decoder, whose blocks follow each other',
        received: `'${String(model.config.model_type)}'`,
      })
    }
    const names = model.network.takes.map(({ name }) => name)
    const wrong = batches.findIndex((batch) => names.some((name) => batch[name] === undefined))
    if (batches.length === 0 || wrong >= 0) {
      throw new ArgumentError({
        where: `${where}: calibration`,
        expected: `batches of ${names.join(', ')}`,
        received:
          wrong < 0
            ? 'none'
            : `${Object.keys(batches[wrong] ?? {}).join(', ') || 'nothing'} as batch ${wrong}`,
      })
    }
    this.#readings = batches.map((batch) => ({ batch, states: undefined }))
  }

  /** Traces the network for one batch, with what layers of the block are given. */
  #trace({ batch, states }: Reading, within: ReadonlyMap<AnyLayer, CallInterceptor>): Tensor {
    const { network } = this.#model
    let after: Tensor | undefined
    const interceptors = new Map<AnyLayer, CallInterceptor>(within)
    for (const [i, block] of this.blocks.entries()) {
      if (i === this.#block - 1 && states !== undefined) interceptors.set(block, () => states)
      else if (i === this.#block) {
        interceptors.set(block, (_, call) => {
          after = call()
          return after
        })
      } else interceptors.set(block, (x) => x)
    }
    const inputs = network.takes.map(({ name }) => batch[name] as Tensor) as [Tensor, ...Tensor[]]
    interceptCalls(interceptors, () => network.outputs(inputs[0], contextOf(network, inputs, false)))
    return after as Tensor
  }

  /** Which layers of the block are given the same, in the order in which they are called. */
  groups(dense: readonly layers.Dense[]): readonly (readonly layers.Dense[])[] {
    const found = new Map<Tensor, layers.Dense[]>()
    this.#trace(
      this.#readings[0] as Reading,
      new Map(
        dense.map((layer): [AnyLayer, CallInterceptor] => [
          layer,
          (x, call) => {
            found.set(x, [...(found.get(x) ?? []), layer])
            return call()
          },
        ]),
      ),
    )
    return [...found.values()]
  }

  /** Σ x · xᵀ over all that a layer of the block is given, without padding: (inputs, inputs). */
  async hessian(layer: layers.Dense): Promise<Float64Array> {
    let sum: Float64Array | undefined
    for (const reading of this.#readings) {
      const given: Tensor[] = []
      const spy: CallInterceptor = (x, call) => {
        given.push(x)
        return call()
      }
      this.#trace(reading, new Map([[layer as AnyLayer, spy]]))
      for (const x of given) {
        const rows = withoutPadding(x, reading.batch.attention_mask).reshape([-1, x.shape.at(-1) as number])
        const product = (await rows.transpose().matmul(rows).data()) as Float32Array
        sum ??= new Float64Array(product.length)
        for (const [i, value] of product.entries()) sum[i] = (sum[i] as number) + value
      }
    }
    return sum as Float64Array
  }

  /** Goes on to the next block, with what this one gives now. @returns its states of each batch. */
  async next(): Promise<readonly Tensor[]> {
    for (const reading of this.#readings) {
      const after = this.#trace(reading, new Map())
      await evaluateAll([after])
      reading.states = after
    }
    this.#block++
    return this.#readings.map(({ states }) => states as Tensor)
  }
}

/** Rows of padding as zeros, which add nothing to sums. */
function withoutPadding(x: Tensor, mask: Tensor | undefined): Tensor {
  const isOfTokens = mask !== undefined && x.rank === 3 && mask.shape.every((size, i) => size === x.shape[i])
  return isOfTokens ? ops.where(ops.expandDims(mask.cast('bool'), -1), x, 0) : x
}
