/**
 * `checkpoint/`: networks and Hugging Face's files: names and layouts of weights, folders that are read and written, models
 * of the hub. It knows `models/`, `export/`, `layers/` and `base/`.
 */
import type { Variable } from 'typegrad'
import { type AnyLayer, weightPlaces } from 'typegrad/layers'
import { fitsAny } from '../base/wildcard.ts'
import type { CheckpointNames } from '../models/architecture.ts'

/** A weight as checkpoints have it. */
export interface NamedWeight {
  /** In files, such as `transformer.h.0.ln_1.weight`. */
  readonly name: string
  /** Among the weights of the layer that was asked for. */
  readonly path: string
  readonly weight: Variable
  /** Whose weight it is. */
  readonly layer: AnyLayer
  /** Which of the file's axes each axis of the weight is; undefined where they are the same. */
  readonly axes: readonly number[] | undefined
}

interface KeptAs {
  readonly name: string
  readonly axes?: readonly number[]
}

const bias: KeptAs = { name: 'bias' }
const scaleAndShift = { gamma: { name: 'weight' }, beta: bias }

/** PyTorch's names and layouts of the weights of typegrad's layers. Weights of other layers are kept as they are. */
const kinds: Readonly<Record<string, Readonly<Record<string, KeptAs>>>> = {
  Dense: { kernel: { name: 'weight', axes: [1, 0] }, bias },
  Embedding: { embeddings: { name: 'weight' } },
  ReversibleEmbedding: { embeddings: { name: 'weight' } },
  LayerNormalization: scaleAndShift,
  GroupNormalization: scaleAndShift,
  RMSNormalization: { scale: { name: 'weight' } },
  Conv1D: { kernel: { name: 'weight', axes: [2, 1, 0] }, bias },
  // Parametrizations of PyTorch: the length and the direction of a kernel.
  WeightNormConv1D: {
    length: { name: 'parametrizations.weight.original0', axes: [2, 1, 0] },
    direction: { name: 'parametrizations.weight.original1', axes: [2, 1, 0] },
    bias,
  },
  Conv2D: { kernel: { name: 'weight', axes: [2, 3, 1, 0] }, bias },
}

/** All weights of a layer with the names that checkpoints have for them, without those that adapters have added. */
export function namedWeights(
  layer: AnyLayer,
  { segments = {}, inOut = [] }: CheckpointNames,
): readonly NamedWeight[] {
  const places = weightPlaces(layer)
  const owners = new Set(places.map(({ layers }) => layers.at(-1) as AnyLayer))
  const added = new Set(
    [...owners].flatMap(({ weightsAsRead }) =>
      weightsAsRead.flatMap(({ definition }) =>
        definition === undefined ? [] : definition.sources.filter((one) => one !== definition.base),
      ),
    ),
  )
  return places
    .filter(({ weight }) => !added.has(weight))
    .map(({ path, weight, layers }) => {
      const owner = layers.at(-1) as AnyLayer
      const parts = path.split('/')
      const own = parts.pop() as string
      const kept = kinds[owner.className]?.[own] ?? { name: own }
      const name = [...parts.map((part) => segments[part] ?? part), kept.name].join('.')
      return { name, path, weight, layer: owner, axes: fitsAny(inOut, name) ? undefined : kept.axes }
    })
}

/** A weight as its layer reads it: the one that adapters compute, in the place of its base. */
export const readOf = ({ layer, weight }: NamedWeight): Variable =>
  layer.weightsAsRead.find((one) => (one.definition?.base ?? one) === weight) ?? weight

/** The name that a weight has today: old checkpoints have TensorFlow's names for what normalizations scale and shift by. */
export const todaysName = (name: string): string =>
  name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias')

/** The order of axes that undoes another one. */
export const inverseOf = (axes: readonly number[]): number[] => axes.map((_, i) => axes.indexOf(i))
