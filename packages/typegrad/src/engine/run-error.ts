import { EngineError } from '../base/errors.ts'

/** What ONNX Runtime says of an index that it refuses, and of the operator: `Name:'embedding/Gather_7' …`. */
const outOfBounds = /idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/
const operatorName = /running (\w+) node\. Name:'([^']*)'/

/**
 * The error of a run: the runtime's own words, or for an index beyond a tensor a sentence that names the index, the range
 * and the layer, where a layer has made the operator.
 */
export function runError(where: string, message: string, options?: ErrorOptions): EngineError {
  const found = outOfBounds.exec(message)
  if (found === null) return new EngineError(`${where}: ${message}`, options)
  const [, index, from, to] = found
  const [, operator = 'Gather', name = ''] = operatorName.exec(message) ?? []
  const layer = name.split('/')[0] ?? ''
  return new EngineError(
    {
      where: layer === '' ? operator.toLowerCase() : layer,
      expected: Number(to) < 0 ? 'no index, since the axis has no elements' : `indices from ${from} to ${to}`,
      received: String(index),
      fix: 'Check the indices (ids, labels) before, or make the axis (inputDim, depth) longer.',
    },
    options,
  )
}
