import { FormatError } from '../base/errors.ts'
import { type Fault, nameOf } from './interpreter.ts'
import type { OnnxInput } from './network-parts.ts'

/** Kinds of faults that an error lists. */
const most = 20

/**
 * All that keeps a file from being read, each kind once, with how often it occurs and a node where it does.
 *
 * `onnxModel: expected a graph of operators that typegrad reads back, received 2 × NonMaxSuppression ('boxes'), …`
 */
export function faultsError(faults: readonly Fault[], inputs: readonly OnnxInput[]): FormatError {
  const kinds = new Map<string, Fault[]>()
  for (const fault of faults) {
    const { op, domain } = fault.node
    const kind = `${domain === '' ? '' : `${domain}.`}${op}${fault.reason === '' ? '' : ` ${fault.reason}`}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), fault])
  }
  const sorted = [...kinds].sort(([, a], [, b]) => b.length - a.length)
  const lines = sorted.slice(0, most).map(([kind, all]) => {
    const [first] = all as [Fault]
    const times = all.length === 1 ? 'once' : `${all.length} times, first`
    return `${kind} (${times} in '${nameOf(first.node)}')`
  })
  const rest = sorted.length > most ? ` and ${sorted.length - most} more kinds` : ''
  const isOfShapes = faults.every((fault) => fault.isOfShapes)
  return new FormatError({
    where: 'onnxModel',
    expected: isOfShapes ? 'shapes that fit each other' : 'a graph of operators that typegrad reads back',
    received: `${lines.join('; ')}${rest}`,
    fix: isOfShapes
      ? `Say the sizes that the file leaves open: inputShapes: { ${shapesOf(inputs)} }; 'batch' is the size of the first axis, wherever it stands.`
      : "Take the part of the network before them: onnxModel(file, { outputs: ['name of a tensor or node'] }), or fix inputs that decide what is run: { constants: { name: value } }.",
  })
}

/** What the option would be as the file has it. */
const shapesOf = (inputs: readonly OnnxInput[]): string =>
  inputs
    .filter(({ shape }) => shape.some((size) => typeof size !== 'number'))
    .map(({ name, shape }) => `'${name}': ${JSON.stringify(shape).replaceAll(',', ', ')}`)
    .join(', ')
