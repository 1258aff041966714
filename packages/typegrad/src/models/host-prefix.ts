import { ArgumentError, DataError } from '../base/errors.ts'
import { layerOf } from '../layers/base/layer.ts'
import { type Application, SymbolicTensor } from '../layers/base/symbolic.ts'
import { TextPlace } from '../layers/base/text-place.ts'
import { HostLayer } from '../layers/preprocessing/host-layer.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Port } from './port.ts'

/** What a model does before its graph: its first layers take strings, and work on the host. */
export interface HostPrefix {
  /** What the model is given. */
  readonly ports: readonly Port[]
  /** What is given for each port, as what the graph begins with: the model's `modelInputs`. */
  encode(where: string, given: readonly unknown[]): readonly unknown[]
}

/** A functional model with strings among its inputs, taken apart where the host's work ends. */
export interface SplitEnds {
  readonly prefix: HostPrefix
  /** Where the graph begins: the inputs that are numbers, then what layers on the host give. */
  readonly graphInputs: readonly SymbolicTensor[]
  /** Uses of layers that the graph has no part in. */
  readonly onHost: ReadonlySet<Application>
}

/**
 * Finds the host's part of a model, once.
 *
 * @param where the model's name; asked for in an error alone, since a name that is made up is made when it is first asked for.
 * @param order uses of layers, each after those whose results it takes.
 * @returns undefined for a model without strings.
 * @throws ArgumentError for strings that no layer makes numbers of.
 */
export function splitEnds(
  where: () => string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  order: readonly Application[],
  names: readonly string[],
): SplitEnds | undefined {
  if (!inputs.some((place) => place instanceof TextPlace)) return undefined
  const isText = (place: SymbolicTensor): boolean => place instanceof TextPlace
  const lost = outputs.find(isText)
  if (lost !== undefined) {
    throw new ArgumentError({
      where: where(),
      expected: 'outputs that are tensors',
      received: lost.toString(),
      fix: 'Put a layer between that makes numbers of strings, such as layers.stringLookup.',
    })
  }
  const first = order.filter(({ inputs: taken }) => taken.some(isText))
  const onHost = new Set(first)
  for (const { application } of inputs.filter(isText)) onHost.add(application)
  const numbers = inputs.filter((place) => !isText(place))
  const boundary = first.map((application) => boundaryOf(application, order, outputs))
  const graphInputs = [...numbers, ...boundary]
  const given = new Map(inputs.map((place, i) => [place.application, i]))
  return {
    graphInputs,
    onHost,
    prefix: {
      ports: inputs.map(({ shape, sizes }, i) => ({ name: names[i] as string, shape, sizes })),
      encode: (at, values) => [
        ...numbers.map(({ application }) => values[given.get(application) as number]),
        ...first.map((application) => {
          const i = given.get((application.inputs[0] as SymbolicTensor).application) as number
          return encoded(`${at}: ${names[i]}`, layerOf(application), values[i])
        }),
      ],
    },
  }
}

/** The place that the graph reads of a layer on the host. */
function boundaryOf(
  application: Application,
  order: readonly Application[],
  outputs: readonly SymbolicTensor[],
): SymbolicTensor {
  const read = [...order.flatMap(({ inputs }) => inputs), ...outputs]
  // What nobody reads need not be a place that anybody knows.
  return (
    read.find((place) => place.application === application) ??
    new SymbolicTensor([null], 'int64', application)
  )
}

/** What a layer makes of strings. @throws ArgumentError for what are none. */
export function encoded(where: string, layer: unknown, values: unknown): Tensor {
  if (!(layer instanceof HostLayer)) {
    throw new ArgumentError({
      where,
      expected: 'a layer that takes strings',
      received: String(layer),
    })
  }
  if (!Array.isArray(values)) {
    throw new ArgumentError({
      where,
      expected: `strings in nested arrays: the model begins with '${layer.name}', which works on the host`,
      received: String(values),
      fix: "Give it ['a text', 'another'], or a Dataset of such batches.",
    })
  }
  if (values.length > 0) return layer.encodeText(values)
  throw new DataError({ where, expected: 'at least one sample', received: 'none' })
}
