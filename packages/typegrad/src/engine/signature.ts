import { EngineError } from '../base/errors.ts'
import { decodeSignature } from '../onnx/decode.ts'
import type { OnnxValue } from '../onnx/model.ts'
import type { Signature, TensorSpec } from './engine.ts'

/**
 * What a model takes and gives, read from its bytes.
 *
 * @throws EngineError if the bytes are no model, or a shape is not static.
 */
export function readSignature(model: Uint8Array): Signature {
  let signature: ReturnType<typeof decodeSignature>
  try {
    signature = decodeSignature(model)
  } catch (cause) {
    throw new EngineError(`load: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  return { inputs: signature.inputs.map(staticSpec), outputs: signature.outputs.map(staticSpec) }
}

function staticSpec({ name, dtype, shape }: OnnxValue): TensorSpec {
  const sizes = shape.map((dimension) => {
    if (typeof dimension === 'number') return dimension
    throw new EngineError({
      where: `load: '${name}'`,
      expected: 'a static shape',
      received: `[${shape.join(', ')}], where '${dimension}' is open`,
      fix: 'Give every dimension a size before the model is loaded.',
    })
  })
  return { name, dtype, shape: sizes }
}
