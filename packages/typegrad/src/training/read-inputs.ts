import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { byNames, flat, isRecord } from '../base/structured.ts'
import { asSamples, type HostArray, toHostArray } from '../data/host-array.ts'
import { checkSamples, named } from '../data/validate.ts'
import { checkNamedSizes, formatSymbolicShape } from '../layers/base/sizes.ts'
import { hostBatch } from '../layers/preprocessing/host-values.ts'
import type { AnyModel } from '../models/model.ts'
import type { Port } from '../models/port.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Data } from './fit-options.ts'
import type { Samples } from './samples.ts'

export interface ReadOptions {
  /** Whether NaN in the data is meant. Default false: it is refused. */
  readonly allowNaN?: boolean | undefined
}

/**
 * Reads and checks what users hand in as inputs, and builds a model that has waited for them.
 *
 * @returns the inputs alone, without labels.
 * @throws DataError and ArgumentError for what does not fit, before the model is built or anything runs.
 */
export async function readInputs(
  where: string,
  model: AnyModel,
  inputs: Data,
  { allowNaN = false }: ReadOptions = {},
): Promise<Samples<HostArray>> {
  const prefix = model.hostPrefix
  const given = listed(`${where}: x`, 'inputs', inputs, prefix?.ports ?? model.modelInputs)
  const items = prefix === undefined ? given : await prefix.encode(where, given)
  const ports = model.modelInputs
  const x = await Promise.all(
    items.map((item, i) =>
      toHostArray(`${where}: x`, item, asSamples(`${where}: x`, ports[i]?.shape?.slice(1))),
    ),
  )
  // What is checked on the spot is not waited for: each wait is a part of a small model's latency.
  const checking = checkSamples(where, named('x', x), { allowNaN })
  if (checking !== undefined) await checking
  for (const [i, array] of x.entries()) {
    checkShape(where, ports[i], array)
    const looking = model.checkInput(where, array, i)
    if (looking !== undefined) await looking
  }
  const shapes = x.map(({ shape }) => shape)
  checkNamedSizes(where, ports, shapes)
  if (!model.built)
    buildFor(model, prefix === undefined ? shapes : given.map((item) => hostBatch(where, item).shape))
  return { x, y: [], weights: [] }
}

/** What is handed in for each port. */
export function listed(
  where: string,
  kind: 'inputs' | 'outputs',
  data: Data,
  ports: readonly Port[],
): readonly unknown[] {
  if (isRecord(data)) {
    const names = ports.map((port) => port.name)
    return ports.length === 0 ? flat(data) : byNames(where, kind, data, names)
  }
  const isList = Array.isArray(data) && (ports.length > 1 || data[0] instanceof Tensor)
  const items = isList ? (data as readonly unknown[]) : [data]
  // A class of the user's own may not know yet how many there are.
  if (items.length === ports.length || ports.length === 0) return items
  const names = ports.map((port) => port.name)
  throw new ArgumentError({
    where,
    expected: ports.length === 1 ? 'one array' : `a list of ${ports.length} arrays (${names.join(', ')})`,
    received: isList ? `a list of ${items.length}` : 'one',
    fix:
      ports.length === 1
        ? 'Put samples together first: stack(tensors).'
        : `They may come by name: { ${names.map((name) => `${name}: …`).join(', ')} }.`,
  })
}

/** Whether the samples have the shape that the model was built for. */
function checkShape(where: string, port: Port | undefined, { shape }: HostArray): void {
  const expected = port?.shape
  if (expected === undefined) return
  if (expected.length === shape.length && expected.every((d, i) => i === 0 || d === null || d === shape[i]))
    return
  throw new DataError({
    where,
    expected: `samples of shape ${formatSymbolicShape(port?.sizes ?? expected)} for input '${port?.name}'`,
    received: formatShape(shape),
    fix: 'Reshape the data, or build the model for another inputShape.',
  })
}

/** Builds a model that has waited for its first data to know the shape of its input. */
function buildFor(model: AnyModel, shapes: readonly Shape[]): void {
  const open = shapes.map((shape) => [null, ...shape.slice(1)])
  model.ensureBuilt(open.length === 1 ? (open[0] as (number | null)[]) : open)
}
