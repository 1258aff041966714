import { isFloating } from '../../base/dtype.ts'
import { ArgumentError, ShapeError, StateError, TraceError } from '../../base/errors.ts'
import { formatShape, type Shape, sameShape } from '../../base/shape.ts'
import { getInitializer } from '../../initializers/index.ts'
import type { Addend } from '../../tensor/definition.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { currentScope } from '../../tensor/trace.ts'
import { type Definition, Variable } from '../../tensor/variable.ts'
import type { AnyLayer } from '../base/layer.ts'
import { noteTrainableChange } from '../base/trainable-changes.ts'
import { type PlacedWeight, placesWhere, type WeightFilter } from '../base/weight-paths.ts'
import { type AdapterWeight, type AnyAdapter, WeightAdapter } from './adapter.ts'

/** An adapter at work on one weight, with the variables that it has added. */
interface Step {
  readonly adapter: AnyAdapter
  readonly added: ReadonlyMap<string, Variable>
}

/** What an adapted weight is computed from: the base, changed by one adapter after the other. */
class Adaptation implements Definition {
  readonly base: Variable
  readonly steps: readonly Step[]
  /** Of the weight. */
  readonly #shape: Shape

  constructor(base: Variable, steps: readonly Step[], shape: Shape) {
    this.base = base
    this.steps = steps
    this.#shape = shape
  }

  get sources(): readonly Variable[] {
    return [this.base, ...this.steps.flatMap(({ added }) => [...added.values()])]
  }

  get trained(): readonly Variable[] {
    return this.sources.filter((source) => madeToTrain.has(source))
  }

  compute(): Tensor {
    return this.#through(this.steps)
  }

  addends(): readonly Addend[] | undefined {
    const dropping = this.steps.filter(({ adapter }) => adapter.inputDropout > 0)
    if (dropping.length === 0) return undefined
    const rest = this.#through(this.steps.filter((step) => !dropping.includes(step)))
    return [
      { value: rest, inputDropout: 0 },
      ...dropping.map(({ adapter, added }) => ({
        value: adapter.update(rest, valuesOf(added), this.#shape),
        inputDropout: adapter.inputDropout,
      })),
    ]
  }

  /** The base, changed by some of the steps. */
  #through(steps: readonly Step[]): Tensor {
    return steps.reduce<Tensor>(
      (value, { adapter, added }) => adapter.compute(value, valuesOf(added), this.#shape),
      this.base.value,
    )
  }
}

/** Variables of adaptations that training may change, frozen or not. */
const madeToTrain = new WeakSet<Variable>()

/** Adapters know the names of what they add; here they are any. */
const valuesOf = (added: ReadonlyMap<string, Variable>): Readonly<Record<never, Tensor>> =>
  Object.fromEntries([...added].map(([name, variable]) => [name, variable.value]))

/**
 * Makes weights of a layer or model functions of other variables: wherever the layer reads such a weight, it gets what
 * the adapter computes, in any layer, and no layer has to know. In `weights` the base and what the adapter adds stand in
 * its place: `dense/kernel` and `dense/kernel/low_rank/a`. They are trained, frozen, saved and loaded as all others.
 *
 * The base is what the weight was; an adapter may freeze it, as `lowRank` does. What the adapter adds is trained, in
 * layers that are frozen as well. Adapters add up: a weight may be adapted again. A compiled model takes notice with its
 * next `compile`; predictions and compiled functions do at once.
 *
 * @param layer a layer or model that is built.
 * @param filter which weights, by their paths: a pattern, several, or a function; see `weightPaths`.
 * @returns the paths of the weights that are adapted now.
 * @throws StateError for a layer that is not built; ArgumentError for a pattern that fits no weight, a weight that the
 * adapter cannot adapt, or a name that an adapter of the weight has already; ShapeError for an adapter that computes
 * another shape or dtype. Then nothing is changed.
 * @example
 * model.freeze()
 * adapt(model, (path) => /attention.(query|value).kernel$/.test(path), lowRank({ rank: 8 }))
 * model.compile({ optimizer: 'adam', loss: 'mse' })
 * await model.fit(x, y)
 * mergeAdapters(model)
 */
export function adapt(layer: AnyLayer, filter: WeightFilter, adapter: AnyAdapter): string[] {
  const places = placesToAdapt(layer, filter, [adapter])
  define(places.map((place) => ({ place, adaptation: adaptationOf(place, adapter) })))
  return places.map(({ path }) => path)
}

/**
 * The same with an adapter of its own for each weight, such as other ranks for other layers. The weights are looked for once
 * together, where a call of `adapt` for each would go through the whole model each time.
 *
 * @param adapters adapters by the paths of their weights.
 * @throws as `adapt` does; nothing is changed then.
 * @example
 * adaptEach(model, new Map([
 *   ['encoder/0/query/kernel', adapters.lowRank({ rank: 4 })],
 *   ['encoder/1/query/kernel', adapters.lowRank({ rank: 16 })],
 * ]))
 */
export function adaptEach(layer: AnyLayer, adapters: ReadonlyMap<string, AnyAdapter>): string[] {
  if (adapters.size === 0) return []
  const places = placesToAdapt(layer, [...adapters.keys()], adapters.values())
  const found = new Map(places.map((place) => [place.path, place]))
  const wanted = [...adapters].flatMap(([path, adapter]) => {
    const place = found.get(path)
    return place === undefined ? [] : [{ place, adapter }]
  })
  define(wanted.map(({ place, adapter }) => ({ place, adaptation: adaptationOf(place, adapter) })))
  return wanted.map(({ place }) => place.path)
}

function placesToAdapt(
  layer: AnyLayer,
  filter: WeightFilter,
  adapters: Iterable<AnyAdapter>,
): readonly PlacedWeight<AnyLayer>[] {
  checkMoment('adapt', layer)
  for (const adapter of adapters) {
    if (adapter instanceof WeightAdapter) continue
    throw new ArgumentError({
      where: 'adapt',
      expected: 'an adapter, such as lowRank({ rank: 8 })',
      received: String(adapter),
    })
  }
  return adaptable(layer, placesWhere('adapt', layer, filter))
}

/** Puts to work what was made for all of them before. */
function define(
  made: readonly { readonly place: PlacedWeight<AnyLayer>; readonly adaptation: Adaptation }[],
): void {
  for (const { place, adaptation } of made) {
    place.weight.define(adaptation)
    if (adaptation.trained.length > 0) for (const around of place.layers) around.unfreezeItself()
  }
  noteTrainableChange()
}

/**
 * Makes weights hold again what their adapters compute at this moment; the layer gives what it gave, and its weights are
 * those of before: whatever was trained of the weight is trained again.
 *
 * @param filter which weights, by their paths. Default: all that are adapted.
 * @returns the paths of the weights that were merged.
 * @throws ArgumentError for a pattern that fits no weight.
 * @example
 * mergeAdapters(model)
 * await model.save('tuned.keras')
 */
export const mergeAdapters = (layer: AnyLayer, filter: WeightFilter = '**'): string[] =>
  withoutAdapters('mergeAdapters', layer, filter, (_, { value }) => value)

/**
 * Takes adapters away again: weights hold what their bases do, and what the adapters have learnt is gone. Keep it first,
 * where it shall come back: `model.saveWeights(file, { only: 'trainable' })`.
 *
 * @param filter which weights, by their paths. Default: all that are adapted.
 * @param name takes away only adapters of this name, and leaves the others at work. Default: all.
 * @returns the paths of the weights whose adapters were taken away.
 * @throws ArgumentError for a pattern that fits no weight, and for a name of adapters that keep a base in other words, as
 * others of the weight build on what they say.
 */
export function removeAdapters(layer: AnyLayer, filter: WeightFilter = '**', name?: string): string[] {
  if (name !== undefined) return withoutStep(layer, filter, name)
  return withoutAdapters('removeAdapters', layer, filter, ({ base, steps }, { shape }) => {
    const [first] = steps as readonly [Step, ...Step[]]
    // What a base says in other words, its adapter has to tell.
    return keepsValue(first.adapter) ? base.value : new Adaptation(base, [first], shape).compute()
  })
}

/** One of several adapters goes, the others stay. */
function withoutStep(layer: AnyLayer, filter: WeightFilter, name: string): string[] {
  checkMoment('removeAdapters', layer)
  const found = adaptable(layer, placesWhere('removeAdapters', layer, filter)).flatMap((place) => {
    const { definition } = place.weight
    if (!(definition instanceof Adaptation)) return []
    const step = definition.steps.find(({ adapter }) => adapter.name === name)
    return step === undefined ? [] : [{ ...place, definition, step }]
  })
  const encoding = found.find(({ step }) => !keepsValue(step.adapter))
  if (encoding !== undefined) {
    throw new ArgumentError({
      where: `removeAdapters: '${encoding.path}'`,
      expected: 'the name of an adapter that leaves the base as it is',
      received: `'${name}', which keeps it in other words`,
      fix: 'Remove all adapters of the weight: removeAdapters(model, path).',
    })
  }
  for (const { weight, definition, step } of found) {
    const { base, steps } = definition
    const rest = steps.filter((one) => one !== step)
    if (rest.length > 0) weight.define(new Adaptation(base, rest, weight.shape))
    else release(weight, base, base.value)
  }
  noteTrainableChange()
  return found.map(({ path }) => path)
}

/** Whether the base of the adapter's weights is what the weight was. */
const keepsValue = (adapter: AnyAdapter): boolean => adapter.encode === WeightAdapter.prototype.encode

function withoutAdapters(
  where: string,
  layer: AnyLayer,
  filter: WeightFilter,
  heldBy: (adaptation: Adaptation, weight: Variable) => Tensor,
): string[] {
  checkMoment(where, layer)
  const found = adaptable(layer, placesWhere(where, layer, filter)).filter(
    ({ weight }) => weight.definition instanceof Adaptation,
  )
  for (const { weight } of found) {
    const adaptation = weight.definition as Adaptation
    release(weight, adaptation.base, heldBy(adaptation, weight))
  }
  noteTrainableChange()
  return found.map(({ path }) => path)
}

/** Lets a weight hold its value itself again. */
function release(weight: Variable, base: Variable, value: Tensor): void {
  if (madeToTrain.has(base)) weight.trainable = base.trainable
  weight.undefine(value)
}

/** An adapter at work. */
export interface PlacedAdapter {
  /** Of the adapted weight. */
  readonly path: string
  /** The weight as the layer reads it. */
  readonly weight: Variable
  readonly adapter: AnyAdapter
}

/** The adapters of a layer's weights, in the order in which they came to each. */
export const adaptersOf = (layer: AnyLayer): readonly PlacedAdapter[] =>
  adaptable(
    layer,
    placesWhere('adapters', layer, () => true),
  ).flatMap(({ path, weight }) =>
    weight.definition instanceof Adaptation
      ? weight.definition.steps.map(({ adapter }) => ({ path, weight, adapter }))
      : [],
  )

/** Weights as layers read them in the place of their bases, without those that adapters have added. */
function adaptable(
  layer: AnyLayer,
  places: readonly PlacedWeight<AnyLayer>[],
): readonly PlacedWeight<AnyLayer>[] {
  const read = new Map<Variable, Variable>()
  const visited = new Set<AnyLayer>()
  const visit = (at: AnyLayer): void => {
    if (visited.has(at)) return
    visited.add(at)
    for (const weight of at.weightsAsRead) read.set(weight.definition?.base ?? weight, weight)
    for (const inner of at.sublayers) visit(inner)
  }
  visit(layer)
  return places.flatMap((place) => {
    const weight = read.get(place.weight)
    return weight === undefined ? [] : [{ ...place, weight }]
  })
}

/** What a weight will be computed from; nothing is changed yet. */
function adaptationOf({ path, weight, layers }: PlacedWeight<AnyLayer>, adapter: AnyAdapter): Adaptation {
  const { definition, name, shape, dtype } = weight
  const before = definition instanceof Adaptation ? definition : undefined
  if (before?.steps.some((step) => step.adapter.name === adapter.name)) {
    throw new ArgumentError({
      where: `adapt: '${path}'`,
      expected: 'an adapter of another name than those that the weight has',
      received: `a second '${adapter.name}'`,
      fix: "Give it a name of its own: lowRank({ rank: 8, name: 'french' }).",
    })
  }
  if (before !== undefined && !keepsValue(adapter)) {
    throw new ArgumentError({
      where: `adapt: '${path}'`,
      expected: 'an adapter that leaves the base as it is, for the weight is adapted already',
      received: `${adapter.className}, which keeps it in other words`,
      fix: 'Merge the adapters that it has first, or let this one be the first.',
    })
  }
  const value: Tensor = weight.value
  const base = before?.base ?? new Variable(adapter.encode(value), { name, trainable: weight.trainable })
  const wanted = Object.entries<AdapterWeight>(adapter.addedWeights(value))
  const added = new Map(
    wanted.map(([own, told]) => [own, variableOf(`${name}/${adapter.name}/${own}`, weight, told)]),
  )
  const adaptation = new Adaptation(base, [...(before?.steps ?? []), { adapter, added }], shape)
  const made = adaptation.compute()
  if (!sameShape(made.shape, shape) || made.dtype !== dtype) {
    throw new ShapeError({
      where: `${adapter.className}.compute`,
      expected: `${dtype} ${formatShape(shape)} for '${path}'`,
      received: `${made.dtype} ${formatShape(made.shape)}`,
    })
  }
  const trainsBase = adapter.trainsBase && isFloating(base.dtype)
  const wasTrained = before === undefined && layers.at(-1)?.freezableWeights.includes(weight)
  if (wasTrained && trainsBase) madeToTrain.add(base)
  if (!trainsBase) {
    madeToTrain.delete(base)
    base.trainable = false
  }
  for (const variable of added.values()) if (variable.trainable) madeToTrain.add(variable)
  return adaptation
}

function variableOf(name: string, { dtype }: Variable, told: AdapterWeight): Variable {
  if ('variable' in told) return told.variable
  const value =
    'value' in told
      ? told.value
      : getInitializer(told.initializer).initialize(told.shape, told.dtype ?? dtype)
  return new Variable(value, { name, trainable: told.trainable ?? true })
}

/** @throws StateError for a layer that has no weights yet; TraceError while something is traced. */
function checkMoment(where: string, layer: AnyLayer): void {
  if (!layer.built) {
    throw new StateError({
      where,
      expected: 'a layer that is built',
      received: `${layer}, which has no weights yet`,
      fix: 'Give its first layer an inputShape, or call it once.',
    })
  }
  if (currentScope() === undefined) return
  throw new TraceError({
    where,
    expected: 'a call outside of traced functions',
    received: 'one while a function is traced, in which weights cannot become others',
    fix: 'Adapt the layer before the function is compiled or differentiated.',
  })
}
