import { ArgumentError, DataError } from '../base/errors.ts'
import { type Layer, layerOf } from '../layers/base/layer.ts'
import { type Application, SymbolicTensor } from '../layers/base/symbolic.ts'
import { TextPlace } from '../layers/base/text-place.ts'
import { type HostPart, HostRun, isOnHost } from '../layers/preprocessing/host-run.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Port } from './port.ts'

/** Where the graph of a model that begins on the host has one of its inputs from. */
export type GraphSource = { readonly port: number } | { readonly computed: number }

/** What a model does before its graph: layers that take strings, or read numbers one by one, work on the host. */
export interface HostPrefix extends HostPart {
  /** What the model is given. */
  readonly ports: readonly Port[]
  /** Which of the ports take strings. */
  readonly isText: readonly boolean[]
  /** For each of the model's `modelInputs`: a port as it is given, or what the host computes. */
  readonly sources: readonly GraphSource[]
  /** The ports that the host reads. */
  readonly reads: readonly number[]
  /** What the host computes of what is given; ports that it does not read may lack. */
  compute(where: string, given: readonly unknown[]): Promise<readonly Tensor[]>
}

/** A functional model taken apart where the host's work ends. */
export interface SplitEnds {
  readonly prefix: HostPrefix
  /** Where the graph begins: inputs that it reads as they are given, then what the host computes. */
  readonly graphInputs: readonly SymbolicTensor[]
  /** Uses of layers that the graph has no part in. */
  readonly onHost: ReadonlySet<Application>
  /** For models within that begin on the host themselves: the places that their graphs begin with. */
  readonly entries: ReadonlyMap<Application, readonly SymbolicTensor[]>
}

/** What a layer that is a model does before its graph; undefined for all others. */
const prefixOf = (layer: object): HostPrefix | undefined =>
  (layer as { readonly hostPrefix?: HostPrefix }).hostPrefix

const isText = (place: SymbolicTensor): boolean => place instanceof TextPlace

/**
 * Finds the host's part of a model, once.
 *
 * @param where the model's name; asked for in an error alone, since a name that is made up is made when it is first asked for.
 * @param order uses of layers, each after those whose results it takes.
 * @returns undefined for a model that the graph is all of.
 * @throws ArgumentError for strings that no layer makes numbers of, and for weights that could not be trained.
 */
export function splitEnds(
  where: () => string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  order: readonly Application[],
  names: readonly string[],
): SplitEnds | undefined {
  const ports = new Map(inputs.map(({ application }, i) => [application, i]))
  const inner = new Map<Application, HostPrefix>()
  for (const application of order) {
    const prefix = ports.has(application) ? undefined : prefixOf(layerOf(application))
    if (prefix !== undefined) inner.set(application, prefix)
  }
  const working = order.filter((application) => !ports.has(application) && isOnHost(application))
  if (working.length === 0 && inner.size === 0 && !inputs.some(isText)) return undefined
  const lost = outputs.find(isText)
  if (lost !== undefined) throw stringsLeft(where(), lost)

  const readOnHost = readBy(working, inner, ports)
  const onHost = new Set([...working, ...[...readOnHost].filter((application) => !ports.has(application))])
  for (const application of onHost) checkWeights(where, layerOf(application))

  const { graphPorts, computed, entries } = readByGraph(where, outputs, order, { ports, inner, onHost })
  const passed = inputs.filter(
    (place) => graphPorts.has(place.application) || !(isText(place) || readOnHost.has(place.application)),
  )
  for (const place of inputs) if (!passed.includes(place)) onHost.add(place.application)
  const reads = [...readOnHost].flatMap((application) => ports.get(application) ?? [])
  return {
    graphInputs: [...passed, ...computed.map(({ place }) => place)],
    onHost,
    entries,
    prefix: prefixOfParts({
      ports: inputs.map(({ shape, sizes }, i) => ({ name: names[i] as string, shape, sizes })),
      isText: inputs.map(isText),
      sources: [
        ...passed.map(({ application }) => ({ port: ports.get(application) as number })),
        ...computed.map((_, i) => ({ computed: i })),
      ],
      reads,
      compute: async (at, values) => {
        const given = new Map(
          reads.map((i) => {
            const place = inputs[i] as SymbolicTensor
            return [place.application, readable(`${at}: ${names[i]}`, place, values[i])]
          }),
        )
        const run = new HostRun(at, given)
        return await Promise.all(computed.map(({ value }) => value(run)))
      },
    }),
  }
}

/** Uses of layers by their place among a model's inputs. */
type Ports = ReadonlyMap<Application, number>
/** Models within that begin on the host themselves. */
type Inner = ReadonlyMap<Application, HostPrefix>

/** All that work on the host depends on: what it takes itself, and what comes before that, ports of the model included. */
function readBy(working: readonly Application[], inner: Inner, ports: Ports): ReadonlySet<Application> {
  const read = new Set<Application>()
  const stack = [
    ...working.flatMap(({ inputs }) => inputs),
    ...[...inner].flatMap(([{ inputs }, { reads }]) => reads.map((i) => inputs[i] as SymbolicTensor)),
  ].map(({ application }) => application)
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (read.has(next)) continue
    read.add(next)
    if (!ports.has(next)) stack.push(...next.inputs.map(({ application }) => application))
  }
  return read
}

interface Parts {
  readonly ports: Ports
  readonly inner: Inner
  readonly onHost: ReadonlySet<Application>
}

/** What the graph reads of the ports and of the host, and the places that the graphs of models within begin with. */
function readByGraph(
  where: () => string,
  outputs: readonly SymbolicTensor[],
  order: readonly Application[],
  { ports, inner, onHost }: Parts,
) {
  const computed: Computed[] = []
  const graphPorts = new Set<Application>()
  const read = (place: SymbolicTensor): void => {
    if (ports.has(place.application)) graphPorts.add(place.application)
    else if (onHost.has(place.application) && !computed.some(({ place: known }) => isSame(known, place)))
      computed.push({ place, value: (run) => run.tensorAt(place) })
  }
  const entries = new Map<Application, readonly SymbolicTensor[]>()
  for (const application of order) {
    if (ports.has(application) || onHost.has(application)) continue
    const prefix = inner.get(application)
    if (prefix === undefined) {
      application.inputs.forEach(read)
      continue
    }
    const begins = entriesOf(application, prefix, where)
    for (const { place, value } of begins)
      if (value === undefined) read(place)
      else computed.push({ place, value })
    entries.set(
      application,
      begins.map(({ place }) => place),
    )
    application.inputs.slice(application.arity).forEach(read)
  }
  outputs.forEach(read)
  return { graphPorts, computed, entries }
}

/** A place that the graph begins with, and how the host computes what stands there. */
interface Computed {
  readonly place: SymbolicTensor
  readonly value: (run: HostRun) => Promise<Tensor>
}

/** Where the graph of a model within begins: without a value, at what the model is given. */
function entriesOf(
  application: Application,
  prefix: HostPrefix,
  where: () => string,
): readonly (Pick<Computed, 'place'> & Partial<Computed>)[] {
  const { modelInputs } = layerOf(application) as Layer & { readonly modelInputs: readonly GraphPort[] }
  const values = onceARun(application, prefix, where)
  return prefix.sources.map((source, i) => {
    if ('port' in source) return { place: application.inputs[source.port] as SymbolicTensor }
    const { sizes, shape, dtype } = modelInputs[i] as GraphPort
    const begin = { ...application, inputs: [], arity: 0, options: {} }
    return {
      place: new SymbolicTensor(sizes ?? shape ?? [null], dtype, begin),
      value: async (run) => (await values(run))[source.computed] as Tensor,
    }
  })
}

type GraphPort = Port & Pick<SymbolicTensor, 'dtype'>

const isSame = (a: SymbolicTensor, b: SymbolicTensor): boolean =>
  a.application === b.application && a.index === b.index

/** A prefix that says by its parts what `encode` does. */
export function prefixOfParts(parts: Omit<HostPrefix, 'encode'>): HostPrefix {
  return {
    ...parts,
    encode: async (where, given) => {
      const computed = await parts.compute(where, given)
      return parts.sources.map((source) =>
        'port' in source ? given[source.port] : computed[source.computed],
      )
    },
  }
}

/** What the host's part of a model within computes, once in each run. */
function onceARun({ inputs }: Application, prefix: HostPrefix, where: () => string) {
  const runs = new WeakMap<HostRun, Promise<readonly Tensor[]>>()
  return (run: HostRun): Promise<readonly Tensor[]> => {
    const known = runs.get(run)
    if (known !== undefined) return known
    const read = async () => {
      const values: unknown[] = []
      for (const i of prefix.reads) values[i] = await run.valueAt(inputs[i] as SymbolicTensor)
      return await prefix.compute(where(), values)
    }
    const computed = read()
    runs.set(run, computed)
    return computed
  }
}

/** What is given at a port that the host reads. @throws ArgumentError for what is no array where strings are taken. */
export function readable(where: string, place: Pick<SymbolicTensor, 'shape'>, value: unknown): unknown {
  if (place instanceof TextPlace && !Array.isArray(value)) {
    throw new ArgumentError({
      where,
      expected: 'strings in nested arrays: the model begins with layers that work on the host',
      received: String(value),
      fix: "Give it ['a text', 'another'], or a Dataset of such batches.",
    })
  }
  if (Array.isArray(value) && value.length === 0)
    throw new DataError({ where, expected: 'at least one sample', received: 'none' })
  return asColumn(value, place.shape)
}

/** Single values for samples of one element each: [batch] for [batch, 1], which numbers for the graph may be too. */
function asColumn(value: unknown, shape: SymbolicTensor['shape']): unknown {
  if (shape.length !== 2 || shape[1] !== 1) return value
  if (value instanceof Tensor) return value.rank === 1 ? value.reshape([-1, 1]) : value
  if (ArrayBuffer.isView(value)) return Array.from(value as Int32Array, (one) => [one])
  if (!Array.isArray(value) || typeof value[0] === 'object') return value
  return value.map((one: unknown) => [one])
}

/** @throws ArgumentError for weights before work on the host, which no gradient would reach. */
function checkWeights(where: () => string, { name, trainableWeights }: Layer): void {
  if (trainableWeights.length === 0) return
  throw new ArgumentError({
    where: where(),
    expected: 'no weights to train before layers that work on the host: no gradient passes them',
    received: `'${name}', which has ${trainableWeights.length}`,
    fix: `Freeze it: ${name}.trainable = false.`,
  })
}

const stringsLeft = (where: string, lost: SymbolicTensor): ArgumentError =>
  new ArgumentError({
    where,
    expected: 'outputs that are tensors',
    received: lost.toString(),
    fix: 'Put a layer between that makes numbers of strings, such as layers.stringLookup.',
  })
