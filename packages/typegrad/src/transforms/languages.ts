import { EngineError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import { paced } from '../base/work.ts'
import type { Engine, Executable, Signature, TensorSpec } from '../engine/engine.ts'
import type { Node } from '../graph/node.ts'
import { lowerWork } from '../lowering/lower.ts'
import { encodeModelWork } from '../onnx/encode.ts'
import type { OnnxModel, OnnxValue } from '../onnx/model.ts'

/** A graph after all passes, which know no language. */
interface OptimizedGraph {
  /** Its leaves, in the order in which the executable takes them. */
  readonly leaves: readonly Node[]
  readonly outputs: readonly Node[]
}

interface LoadedGraph {
  readonly executable: Executable
  /** What the engine was given, in bytes. */
  readonly length: number
}

/**
 * What engines are given, by the language that they name: the one place where nodes leave the graph. A language is a row
 * here, its lowering, and a member of `Engine['language']`; without the row nothing compiles.
 */
const languages: {
  readonly [L in Engine['language']]: (
    engine: Extract<Engine, { language: L }>,
    graph: OptimizedGraph,
  ) => Promise<LoadedGraph>
} = {
  /** A model's bytes, and the kernels that it names as operators. */
  async onnx(engine, { leaves, outputs }) {
    const { kernelSupport } = engine
    const { model, kernels } = await paced(lowerWork({ inputs: leaves, outputs, kernelSupport }))
    const bytes = await paced(encodeModelWork(model))
    const executable = await engine.load(bytes, { kernels, signature: signatureOf(model) })
    return { executable, length: bytes.length }
  },
}

/**
 * Gives an engine a graph in its language, beside the event loop.
 *
 * @throws EngineError for a language that there is no lowering for.
 */
export function loadGraph(engine: Engine, graph: OptimizedGraph): Promise<LoadedGraph> {
  if (!Object.hasOwn(languages, engine.language)) {
    throw new EngineError({
      where: `the engine '${engine.name}': language`,
      expected: Object.keys(languages)
        .map((name) => `'${name}'`)
        .join(' or '),
      received: `'${engine.language}'`,
      fix: 'Use a version of typegrad that knows this language, or setEngine(await createEngine()).',
    })
  }
  return languages[engine.language](engine, graph)
}

/** What a model with static shapes takes and gives. */
export function signatureOf({ graph }: OnnxModel): Signature {
  const spec = ({ name, dtype, shape }: OnnxValue): TensorSpec => ({ name, dtype, shape: shape as Shape })
  return { inputs: graph.inputs.map(spec), outputs: graph.outputs.map(spec) }
}
