import type { Tensor, Variable } from 'typegrad'
import { type DType, ops, optionsOf, random, type Shape, tensor } from 'typegrad/core'
import {
  checks,
  Initializer,
  knownShape,
  Layer,
  type LayerOptions,
  layerChecks,
  register,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'
import { registeredAs, rootUniform } from './starts.ts'

/** What the scales of an ensemble's members begin as: 1 or −1 by chance, normal numbers, or 1. */
export type ScaleStart = 'signs' | 'normal' | 'ones'

export interface BatchEnsembleDenseOptions extends LayerOptions {
  /** Size of the output's last dimension. */
  readonly units: number
  /** How many members share the kernel. */
  readonly members: number
  /** What the scales of the input begin as. Default `'ones'`. */
  readonly start?: ScaleStart
  /** Widths of the features that the input is made of, whose columns begin with one scale. Default a feature a column. */
  readonly chunks?: readonly number[]
}

const batchEnsembleChecks = optionsOf<BatchEnsembleDenseOptions>()({
  units: checks.needed(checks.count),
  members: checks.needed(checks.count),
  start: checks.oneOf('signs', 'normal', 'ones'),
  chunks: checks.list,
  ...layerChecks,
})

/** Scales (members, features): of the columns of one chunk, a member has one number. */
export class MemberScales extends Initializer {
  readonly className = 'MemberScales'
  readonly #start: ScaleStart
  readonly #chunks: readonly number[] | undefined

  constructor(start: ScaleStart, chunks?: readonly number[]) {
    super()
    this.#start = start
    this.#chunks = chunks
  }

  override initialize([members = 1, features = 1]: Shape, dtype: DType = 'float32'): Tensor {
    const chunks = this.#chunks ?? Array<number>(features).fill(1)
    const places = chunks.flatMap((width, i) => Array<number>(width).fill(i))
    const shape = [members, chunks.length]
    const drawn =
      this.#start === 'ones'
        ? ops.broadcastTo(1, shape)
        : this.#start === 'normal'
          ? random.normal(shape)
          : random.bernoulli(shape, { probability: 0.5 }).cast('float32').mul(2).sub(1)
    return ops.gather(drawn, tensor(Int32Array.from(places)), 1).cast(dtype)
  }
}

/**
 * A dense layer for each member of an ensemble, of one kernel: each scales what comes in and what goes out by vectors of its own,
 * `((x · r) kernel) · s + bias`, which is a kernel that differs by a matrix of rank 1 in its factors.
 *
 * Input (batch, members, features), or (batch, 1, features) for all members, output (batch, members, units). Weights: kernel
 * (features, units), inputScale (members, features), outputScale and bias (members, units).
 *
 * Wen et al. 2020, "BatchEnsemble", https://arxiv.org/abs/2002.06715
 *
 * @example
 * new BatchEnsembleDense({ units: 64, members: 8, inputShape: [1, 20] })
 */
@takes(batchEnsembleChecks)
export class BatchEnsembleDense extends Layer {
  readonly className = 'BatchEnsembleDense'
  readonly units: number
  readonly members: number
  readonly start: ScaleStart
  readonly chunks: readonly number[] | undefined
  #kernel!: Variable
  #inputScale!: Variable
  #outputScale!: Variable
  #bias!: Variable

  constructor({ units, members, start = 'ones', chunks, ...options }: BatchEnsembleDenseOptions) {
    super(options)
    this.units = units
    this.members = members
    this.start = start
    this.chunks = chunks
  }

  override build(inputShape: SymbolicShape): void {
    const [features] = knownShape(this.className, inputShape, [-1]) as [number]
    const { units, members } = this
    const initializer = rootUniform(features)
    this.#kernel = this.addWeight({ name: 'kernel', shape: [features, units], initializer })
    this.#inputScale = this.addWeight({
      name: 'inputScale',
      shape: [members, features],
      initializer: new MemberScales(this.start, this.chunks),
    })
    this.#outputScale = this.addWeight({ name: 'outputScale', shape: [members, units], initializer: 'ones' })
    // Biases begin alike in all members.
    this.#bias = this.addWeight({
      name: 'bias',
      shape: [members, units],
      initializer: new SameForAll(features),
    })
  }

  call(x: Tensor): Tensor {
    const products = x.mul(this.#inputScale.value).matmul(this.#kernel.value)
    return products.mul(this.#outputScale.value).add(this.#bias.value)
  }

  override getConfig(): Record<string, unknown> {
    const { units, members, start, chunks } = this
    return { ...super.getConfig(), units, members, start, ...(chunks !== undefined && { chunks }) }
  }
}

/** One draw for all members. */
class SameForAll extends Initializer {
  readonly className = 'SameForAll'
  readonly #features: number

  constructor(features: number) {
    super()
    this.#features = features
  }

  override initialize(shape: Shape, dtype?: DType): Tensor {
    return ops.broadcastTo(rootUniform(this.#features).initialize([1, ...shape.slice(1)], dtype), shape)
  }
}

register('layer', BatchEnsembleDense, registeredAs)
