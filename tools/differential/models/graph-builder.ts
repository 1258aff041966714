/** A graph of layers that grows at random. */
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { makersFor } from './layer-table.ts'
import type { MadeLayer, Maker, SampleShape } from './maker.ts'
import type { CallSpec, GraphSpec, InputSpec, LayerSpec } from './spec.ts'

/** A tensor of the graph under way. */
export interface Value {
  readonly ref: string
  readonly shape: SampleShape
}

/** Layers whose output or weights depend on sizes that may be open. */
const sized =
  /^(Flatten|Reshape|Permute|PReLU|EinsumDense|Adaptive.*|GroupNormalization|RepeatVector|ConvLSTM.*|TimeDistributed|SpectralNormalization|RNN)$/

const needsSizes = ({ class_name, config }: MadeLayer): boolean =>
  sized.test(class_name) ||
  ['axis', 'shared_axes', 'data_format', 'unroll'].some((option) => option in config)

export const size = (shape: SampleShape): number => shape.reduce((a, b) => a * b, 1)

export class GraphBuilder {
  readonly inputs: InputSpec[] = []
  readonly layers: LayerSpec[] = []
  readonly calls: CallSpec[] = []
  readonly values: Value[] = []
  /** Whether the first dimension of samples of rank 2 and 3 is open: only layers that need no size of it may follow. */
  readonly isOpen: boolean
  readonly #prefix: string

  /** @param prefix what names begin with: those of a model within must not be those of the one around it. */
  constructor({ prefix = '', isOpen = false } = {}) {
    this.#prefix = prefix
    this.isOpen = isOpen
  }

  input(shape: SampleShape, dtype: 'float32' | 'int32'): Value {
    const name = `${this.#prefix}in_${this.inputs.length}`
    const rank = dtype === 'int32' ? shape.length + 1 : shape.length
    const isOpen = this.isOpen && (rank === 2 || rank === 3)
    this.inputs.push({ name, shape: isOpen ? [null, ...shape.slice(1)] : shape, dtype })
    return this.#value(name, shape)
  }

  layer(class_name: string, config: JsonObject, graph: GraphSpec | null = null): string {
    const name = `${this.#prefix}${class_name.toLowerCase()}_${this.layers.length}`
    this.layers.push({ name, class_name, config, graph })
    return name
  }

  call(
    layer: string,
    inputs: readonly Value[],
    shapes: readonly SampleShape[],
    { listed = false, kwargs = {} as JsonObject } = {},
  ): Value[] {
    const makes = shapes.map((_, i) => `${this.#prefix}v${this.calls.length}${i === 0 ? '' : `_${i}`}`)
    this.calls.push({ layer, inputs: inputs.map(({ ref }) => ref), listed, kwargs, makes })
    return makes.map((ref, i) => this.#value(ref, shapes[i] as SampleShape))
  }

  /** Puts a random layer of these behind a value; the value itself where none of some fits. */
  grow(random: Random, value: Value, makers: readonly Maker[] = makersFor(value.shape.length)): Value {
    for (let tries = 0; tries < 8; tries++) {
      const layer = random.pick(makers)(random, value.shape)
      if (layer === undefined || layer.shapes.some((shape) => size(shape) > 300 || shape.includes(0)))
        continue
      if (this.isOpen && needsSizes(layer)) continue
      return this.call(this.layer(layer.class_name, layer.config), [value], layer.shapes)[0] as Value
    }
    return value
  }

  done(outputs: readonly Value[]): GraphSpec {
    return {
      inputs: this.inputs,
      layers: this.layers,
      calls: this.calls,
      outputs: outputs.map(({ ref }) => ref),
    }
  }

  #value(ref: string, shape: SampleShape): Value {
    const value = { ref, shape }
    this.values.push(value)
    return value
  }
}
