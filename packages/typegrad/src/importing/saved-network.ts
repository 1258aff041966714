import { fromBase64, toBase64 } from '../base/base64.ts'
import { type DType, dtypes } from '../base/dtype.ts'
import { FormatError, StateError } from '../base/errors.ts'
import { partNumber } from '../base/serialization.ts'
import type { NamedShape } from '../layers/base/sizes.ts'
import { constantOf, type SavedConstant, savedConstant } from '../layers/operations/constants.ts'
import type { NetworkParts } from './network-parts.ts'
import { OnnxSource, type SavedWeight } from './source.ts'
import { traced } from './traced.ts'

/** What a configuration says of a network: its graph as a file of ONNX without the values of weights, in base64. */
interface SavedNetwork {
  readonly graph: string
  readonly inputs: readonly { readonly name: string; readonly dtype: DType; readonly shape: NamedShape }[]
  readonly outputs: readonly { readonly name: string; readonly dtype: DType | null }[]
  readonly constants: readonly { readonly name: string; readonly value: SavedConstant }[]
  readonly weights: readonly SavedWeight[]
  /** The source itself, for a network that is made again at once; no file has it. */
  readonly [live]?: OnnxSource
}

const live = Symbol('source')

/** Bytes of a graph that a configuration may hold. */
const largest = 128 << 20

/**
 * What makes a network again, but for the values of its weights.
 *
 * @throws StateError for a graph whose constants are too much for a configuration.
 */
export function networkConfig(where: string, parts: NetworkParts): Record<string, unknown> {
  const { source, inputs, outputs, constants, weights } = parts
  const bytes = source.kept(outputs.map(({ name }) => name))
  if (bytes.length > largest) {
    throw new StateError({
      where: `save: '${where}'`,
      expected: `a network with at most ${largest >> 20} MB beside its floating weights`,
      received: `${bytes.length >> 20} MB, such as quantized matrices`,
      fix: 'Keep what it has learnt by saveWeights(file), or write the network by saveOnnx(path).',
    })
  }
  const saved: Omit<SavedNetwork, 'constants'> = {
    graph: toBase64(bytes),
    inputs: inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    outputs: outputs.map(({ name, dtype = null }) => ({ name, dtype })),
    weights: weights.map(({ name, isLearnt, variable }) => {
      const shared = partNumber(variable)
      return { name, isLearnt, ...(shared !== undefined && { shared }) }
    }),
    [live]: source,
  }
  return {
    ...saved,
    constants: [...constants].map(([name, value]) => ({ name, value: savedConstant(value) })),
  }
}

/** The network that a configuration describes. @throws FormatError for one that is damaged. */
export function networkParts(config: Record<string, unknown>): NetworkParts {
  const saved = config as unknown as SavedNetwork
  check(saved)
  const source = saved[live]?.copy() ?? OnnxSource.fromKept(bytesOf(saved.graph))
  const outputs = saved.outputs.map(({ name, dtype }) => ({ name, dtype: dtype ?? undefined }))
  const constants = new Map(saved.constants.map(({ name, value }) => [name, constantOf(value)]))
  const { sizes, read } = traced(source, saved.inputs, constants, outputs)
  const weights = source.makeWeights(read, saved.weights)
  return { source, inputs: saved.inputs, outputs, constants, weights, sizes }
}

function bytesOf(text: string): Uint8Array {
  try {
    return fromBase64(text)
  } catch (cause) {
    throw damaged('a graph in base64', 'other text', cause)
  }
}

/** A file has been checked as a whole, but anybody can write one. */
function check({ graph, inputs, outputs, constants, weights }: SavedNetwork): void {
  if (typeof graph !== 'string') throw damaged('a graph', typeof graph)
  for (const list of [inputs, outputs, constants, weights])
    if (!Array.isArray(list) || list.some((one) => typeof one?.name !== 'string'))
      throw damaged('inputs, outputs, constants and weights by name', 'others')
  const known = [...inputs.map(({ dtype }) => dtype), ...outputs.map(({ dtype }) => dtype ?? 'float32')]
  const unknown = known.find((dtype) => !dtypes.includes(dtype))
  if (unknown !== undefined) throw damaged(`dtypes among ${dtypes.join(', ')}`, String(unknown))
}

const damaged = (expected: string, received: string, cause?: unknown): FormatError =>
  new FormatError(
    {
      where: 'loadModel: OnnxNetwork',
      expected,
      received,
      fix: 'The file is damaged: save the model again.',
    },
    { cause },
  )
