import { mapLeaves, symbolicsIn } from '../layers/base/call-options.ts'
import { type Application, SymbolicTensor } from '../layers/base/symbolic.ts'
import { TextPlace } from '../layers/base/text-place.ts'
import { InputLayer } from '../layers/core/input.ts'
import { applicationsInOrder } from './application-order.ts'

/** The inputs and outputs of a model. */
export interface Ends {
  readonly inputs: readonly SymbolicTensor[]
  readonly outputs: readonly SymbolicTensor[]
}

/**
 * The ends of a model that begins anywhere in a graph: each input that is what some layer gives is replaced by an input
 * of its own, and the calls behind it are made again with it. Layers are shared with the graph.
 *
 * @throws ArgumentError as `applicationsInOrder`.
 */
export function withOwnInputs(ends: Ends): Ends {
  const isInput = (place: SymbolicTensor) => (place.application.layer as unknown) instanceof InputLayer
  const order = applicationsInOrder(ends.inputs, ends.outputs)
  if (ends.inputs.every(isInput)) return ends
  const places = new Map<Application, Map<number, SymbolicTensor>>()
  const note = ({ application, index }: SymbolicTensor, place: SymbolicTensor): void => {
    const known = places.get(application) ?? new Map<number, SymbolicTensor>()
    places.set(application, known.set(index, place))
  }
  for (const place of ends.inputs) {
    const { sizes: batchShape, dtype } = place
    note(place, isInput(place) ? place : new InputLayer({ batchShape, dtype }).tensor())
  }
  const given = new Set(places.keys())
  const calls = new Map<Application, Application>()
  const now = (place: SymbolicTensor): SymbolicTensor => {
    const { application, index, sizes, dtype } = place
    const known = places.get(application)?.get(index)
    if (known !== undefined) return known
    const now = calls.get(application) ?? application
    const made =
      place instanceof TextPlace
        ? new TextPlace(sizes, now, index)
        : new SymbolicTensor(sizes, dtype, now, index)
    note(place, made)
    return made
  }
  for (const application of order) {
    if (given.has(application)) continue
    const { arity } = application
    const options = mapLeaves(application.options, (leaf) =>
      leaf instanceof SymbolicTensor ? now(leaf) : leaf,
    ) as Application['options']
    const inputs = [...application.inputs.slice(0, arity).map(now), ...symbolicsIn(options)]
    calls.set(application, { ...application, inputs, options })
  }
  return { inputs: ends.inputs.map(now), outputs: ends.outputs.map(now) }
}
