import type { DType } from '../base/dtype.ts'
import { ShapeError } from '../base/errors.ts'
import type { CallOptions } from '../layers/base/call-options.ts'
import type { CallContext } from '../layers/base/layer.ts'
import { Layer } from '../layers/base/layer.ts'
import type { NamedShape } from '../layers/base/sizes.ts'
import type { SymbolicSpec, TraceSizes } from '../layers/base/symbolic.ts'
import * as ops from '../ops/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Interpreter } from './interpreter.ts'
import type { FileWeight, OnnxSource } from './source.ts'

/** An input of a graph, with the batch in front where it has one. */
export interface OnnxInput {
  readonly name: string
  readonly dtype: DType
  /** Names and null for what is open; `'batch'` is the size of the first axis of the first input wherever it stands. */
  readonly shape: NamedShape
}

export interface OnnxOutput {
  readonly name: string
  /** What the file declares; undefined for a tensor within the graph, which is what it is. */
  readonly dtype: DType | undefined
}

/** What a network of a file is made of. */
export interface NetworkParts {
  readonly source: OnnxSource
  readonly inputs: readonly OnnxInput[]
  readonly outputs: readonly OnnxOutput[]
  /** Inputs that have been given a value. */
  readonly constants: ReadonlyMap<string, Tensor>
  readonly weights: readonly FileWeight[]
  /** Sizes that stand for open ones where shapes are found. */
  readonly sizes: TraceSizes
}

/** The graph of a file of ONNX, or a part of it, as a layer: a list of inputs to a list of outputs. */
export class OnnxNetwork extends Layer<readonly Tensor[], readonly Tensor[]> {
  readonly className = 'OnnxNetwork'
  /** The weights by their names in the file. */
  readonly variables: ReadonlyMap<string, Variable>
  readonly #parts: NetworkParts

  constructor(parts: NetworkParts) {
    super()
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
    return this.#parts.sizes
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
