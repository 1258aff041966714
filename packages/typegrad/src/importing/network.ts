import { ShapeError } from '../base/errors.ts'
import type { CallOptions } from '../layers/base/call-options.ts'
import { registerLayer } from '../layers/base/deserialize.ts'
import { type CallContext, Layer, type LayerOptions } from '../layers/base/layer.ts'
import type { SymbolicSpec, TraceSizes } from '../layers/base/symbolic.ts'
import * as ops from '../ops/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Interpreter } from './interpreter.ts'
import type { NetworkParts } from './network-parts.ts'
import { networkConfig, networkParts } from './saved-network.ts'
import { candidates } from './traced.ts'

/** The graph of a file of ONNX, or a part of it, as a layer: a list of inputs to a list of outputs. */
export class OnnxNetwork extends Layer<readonly Tensor[], readonly Tensor[]> {
  readonly className = 'OnnxNetwork'
  /** The weights by their names in the file. */
  readonly variables: ReadonlyMap<string, Variable>
  readonly #parts: NetworkParts

  constructor(parts: NetworkParts, options: Pick<LayerOptions, 'name'> = {}) {
    super(options)
    this.#parts = parts
    this.variables = new Map(parts.weights.map(({ name, variable }) => [name, variable]))
  }

  get parts(): NetworkParts {
    return this.#parts
  }

  /** Paths of weights are the names that the file has. */
  get namesWeightsItself(): boolean {
    return true
  }

  /** A list even of one output. */
  all(inputs: readonly Tensor[]): readonly Tensor[] {
    return [this.apply(inputs)].flat()
  }

  call(inputs: readonly Tensor[], _context: CallContext): readonly Tensor[] {
    const { source, inputs: declared, outputs, constants } = this.#parts
    const given = new Map(constants)
    for (const [i, { name, dtype }] of declared.entries())
      given.set(name, ops.cast(inputs[i] as Tensor, dtype))
    const interpreter = new Interpreter(source.file, source.pool)
    const made = interpreter.run(
      given,
      outputs.map(({ name }) => name),
    )
    return outputs.map(({ name, dtype }, i) => {
      const value = made[i]
      if (value === undefined) throw new ShapeError(`onnxModel: no node gives the output '${name}'`)
      return dtype === undefined ? value : ops.cast(value, dtype)
    })
  }

  /** A part that is cut of a frozen network can be let go, too. */
  override get freezableWeights(): readonly Variable[] {
    const learnt = this.#parts.weights.filter(
      ({ isLearnt, variable }) => isLearnt && variable.definition === undefined,
    )
    return [...new Set([...super.freezableWeights, ...learnt.map(({ variable }) => variable)])]
  }

  protected override get traceSizes(): TraceSizes {
    return candidates[this.#parts.sizes] as TraceSizes
  }

  /** With the graph, up to the outputs, but for the values of weights. */
  override getConfig(): Record<string, unknown> {
    return { name: this.name, trainable: this.trainable, ...networkConfig(this.name, this.#parts) }
  }

  /** As the file says it, the size of the batch may stand along any axis, which places of a model cannot say. */
  override outputSpecs(inputs: readonly SymbolicSpec[], listed?: boolean, options?: CallOptions) {
    const declared = inputs.map((spec, i): SymbolicSpec => {
      const { sizes = spec.shape } = spec
      const own = this.#parts.inputs[i]?.shape ?? []
      return {
        ...spec,
        sizes: sizes.map((size, axis) => (size === null && axis > 0 ? (own[axis] ?? null) : size)),
      }
    })
    return super.outputSpecs(declared, listed, options)
  }
}

registerLayer(
  'OnnxNetwork',
  (config) => new OnnxNetwork(networkParts(config), { name: config.name as string }),
)
