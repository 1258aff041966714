// Magika's network without its last step, and what is learnt in that step's place.
import { input, layers, model, type OnnxModel, type SymbolicTensor, type Tensor, tensor } from 'typegrad'
import type { Sample } from './files.ts'

/** What the network makes of a file. */
export interface Seen {
  /** What it has found out before it decides: 512 numbers. */
  readonly features: Float32Array
  /** Its score of each type that it knows: logits. */
  readonly scores: Float32Array
}

const within = 'jax2tf_get_logits_/pjit_get_logits_/MagikaV2'
/** Where both are in the file of ONNX: the input of the product that makes scores, and its sum with the biases. */
const places = { features: `${within}/LayerNorm_1/AddV2_1:0`, scores: `${within}/Dense_1/AddV2:0` }
const perBatch = 64

/** The network up to its scores, which sees each file once. */
export class MagikaBody {
  readonly #body
  readonly #seen = new Map<string, Seen>()

  /** @param net the network as its file of ONNX has it. */
  constructor(net: OnnxModel) {
    this.#body = net.cut<Record<string, Tensor>>({ outputs: Object.values(places) })
  }

  /** Files that it has seen so far. */
  get count(): number {
    return this.#seen.size
  }

  async of(samples: readonly Sample[]): Promise<readonly Seen[]> {
    const unseen = samples.filter(({ hash }) => !this.#seen.has(hash))
    for (let at = 0; at < unseen.length; at += perBatch) {
      const some = unseen.slice(at, at + perBatch)
      const found = await this.#body.predict(bytesOf(some))
      const [features, scores] = await Promise.all(
        [places.features, places.scores].map(async (place) => rowsOf(found[place] as Tensor)),
      )
      some.forEach(({ hash }, i) => {
        this.#seen.set(hash, {
          features: features?.[i] as Float32Array,
          scores: scores?.[i] as Float32Array,
        })
      })
    }
    return samples.map(({ hash }) => this.#seen.get(hash) as Seen)
  }
}

/** Of the network's input: int32 [files, 2048]. */
export const bytesOf = (samples: readonly Sample[]): Tensor =>
  tensor(Int32Array.from(samples.flatMap(({ features }) => [...features])), { shape: [samples.length, 2048] })

async function rowsOf(value: Tensor): Promise<readonly Float32Array[]> {
  const [rows = 0, width = 0] = value.shape
  const data = (await value.data()) as Float32Array
  return Array.from({ length: rows }, (_, i) => data.slice(i * width, (i + 1) * width))
}

/**
 * Scores for new types beside those of the old ones, which stay as they are: a product of the 512 features, 513 numbers to learn for
 * each type. All together become probabilities, so that a new type is learnt as what the old ones are not.
 */
export function taughtHead(oldTypes: number, newTypes: number) {
  const features = input({ shape: [512], name: 'features' })
  const scores = input({ shape: [oldTypes], name: 'scores' })
  const added = layers.dense({ units: newTypes, name: 'new_types' }).apply(features)
  const all: SymbolicTensor = layers.concatenate().apply([scores, added])
  const head = model({ inputs: { features, scores }, outputs: layers.softmax().apply(all) })
  head.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
  return head
}

/** The inputs of the head. */
export function headInputs(seen: readonly Seen[]): { readonly features: Tensor; readonly scores: Tensor } {
  const matrix = (of: (one: Seen) => Float32Array): Tensor => {
    const width = seen[0] === undefined ? 0 : of(seen[0]).length
    const data = new Float32Array(seen.length * width)
    seen.forEach((one, i) => {
      data.set(of(one), i * width)
    })
    return tensor(data, { shape: [seen.length, width] })
  }
  return { features: matrix((one) => one.features), scores: matrix((one) => one.scores) }
}
