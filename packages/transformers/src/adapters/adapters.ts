/**
 * `adapters/`: fine-tuning of few numbers beside a model that stays (LoRA and its relatives, (IA)³, prompts and prefixes), and
 * PEFT's files of them. It knows `checkpoint/`, `models/`, `layers/`, `base/` and typegrad's doors.
 */
import { adaptEach, evaluateAll, removeAdapters, type Tensor, tensor, type Variable } from 'typegrad'
import { ArgumentError, StateError } from 'typegrad/core'
import { type AnyLayer, adaptersOf, WeightAdapter } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type AdapterState, type HeldAdapter, heldAdapter, stateOf } from './adapter-state.ts'
import { pissaRoundsOf } from './lora-config.ts'
import { pissaFactors } from './pissa.ts'
import { type AdapterPlan, planAdapter, type WeightConfig } from './plan.ts'

/** What an adapter is: made by `lora`, `ia3`, … */
export type AdapterConfig = WeightConfig

/**
 * Adds an adapter to a model, as PEFT's `get_peft_model` and `add_adapter`: all else is frozen, the new adapter is the one at
 * work, and training changes it alone. A model that is compiled takes notice with its next `compile`.
 *
 * Adapters add up: a model has as many as it likes over the same weights, which are there once.
 *
 * @param config what `lora`, `ia3`, … describe.
 * @param name of the adapter in this model. Default `'default'`.
 * @throws ArgumentError for targets that fit no module (with the names that there are), modules that it cannot be for, and a name
 * in use; StateError while adapters are merged. Then nothing is changed.
 * @example
 * await addAdapter(model, lora({ rank: 8, alpha: 16, targets: 'all-linear' }))
 * model.compile({ optimizer: 'adamw', loss })
 * await model.fit(x, y)
 * await saveAdapter(model, 'runs/adapter')
 */
export async function addAdapter(
  model: PretrainedModel,
  config: AdapterConfig,
  name = 'default',
): Promise<void> {
  checkConfig('addAdapter', config)
  checkNewAdapter('addAdapter', model, name)
  const plan = planAdapter('addAdapter', model, config, name, false)
  checkPissa('addAdapter', model, plan)
  await holdAdapter(model, plan, { name, trainable: true })
}

/** @throws ArgumentError for what no factory has made. */
function checkConfig(where: string, config: unknown): void {
  const { kind } = (config ?? {}) as { readonly kind?: unknown }
  if (kind === 'lora' || kind === 'ia3') return
  throw new ArgumentError({
    where,
    expected: 'what lora({ … }) or ia3({ … }) gives',
    received: JSON.stringify(config) ?? String(config),
  })
}

/** @throws ArgumentError for a name that is none or in use; StateError while adapters are merged. */
export function checkNewAdapter(where: string, model: PretrainedModel, name: string): void {
  const state = stateOf(model)
  checkUnmerged(where, state)
  if (typeof name !== 'string' || !/^[^/.\s]+$/.test(name)) {
    throw new ArgumentError({
      where: `${where}: name`,
      expected: 'a name of at least one letter, without slashes, points and spaces',
      received: JSON.stringify(name) ?? String(name),
    })
  }
  if (!state.held.has(name)) return
  throw new ArgumentError({
    where: `${where}: name`,
    expected: 'a name that no adapter of the model has',
    received: `'${name}'`,
    fix: `Choose another, or take that one away: deleteAdapter(model, '${name}').`,
  })
}

/** @throws ArgumentError where PiSSA would change the base under others. */
export function checkPissa(where: string, model: PretrainedModel, { pissa }: AdapterPlan): void {
  const { held } = stateOf(model)
  const other = [...held.values()].find((one) => pissa.length > 0 || one.pissa.length > 0)
  if (other !== undefined) {
    throw new ArgumentError({
      where: `${where}: initializer`,
      expected: "one adapter with 'pissa', and no others: it changes the weights under them",
      received: `a model with '${other.name}'`,
      fix: `Take that away first: deleteAdapter(model, '${other.name}').`,
    })
  }
  const quantized = pissa.find(({ module }) => module.read.definition !== undefined)
  if (quantized === undefined) return
  throw new ArgumentError({
    where: `${where}: initializer`,
    expected: "weights in float32 for 'pissa', which takes singular values off them",
    received: `'${quantized.module.name}', which is kept in few bits`,
    fix: 'Add the adapter first, and quantise the body then; or choose another initializer.',
  })
}

/** Makes a plan true. All that can be wrong was found before. */
export async function holdAdapter(
  model: PretrainedModel,
  plan: AdapterPlan,
  { name, trainable }: Pick<HeldAdapter, 'name' | 'trainable'>,
): Promise<HeldAdapter> {
  const state = stateOf(model)
  // What new variables begin as may be told by weights as they are without others.
  activate(state, [])
  await evaluateAll(plan.stored.map(({ variable }) => variable.value))
  const originals = new Map<Variable, Tensor>()
  for (const { module, adapter } of plan.pissa) {
    const { weight } = module.kernel
    const original = weight.value
    const { a, b } = await pissaFactors(original, {
      rank: adapter.variables.a.shape[1] as number,
      scale: adapter.scale,
      rounds: plan.config.kind === 'lora' ? pissaRoundsOf(plan.config) : undefined,
    })
    adapter.variables.a.assign(a)
    adapter.variables.b.assign(b)
    const rest = original.sub(a.matmul(b).mul(adapter.scale))
    await evaluateAll([rest])
    weight.assign(rest)
    originals.set(weight, original)
  }
  const paths = adaptEach(
    model,
    new Map(plan.weights.map(({ weight, adapter }) => [`network/${weight.path}`, adapter])),
  )
  // The base that stands in a weight's place holds what was taken from it.
  const bases = new Map(
    [...originals].map(([weight, original]) => [weight.definition?.base ?? weight, original] as const),
  )
  const held: HeldAdapter = { ...plan, name, trainable, paths, originals: bases }
  state.held.set(name, held)
  activate(state, [name])
  trainActive(model, state)
  return held
}

/**
 * Says which adapters of a model are at work: one, several whose updates add up, or none. Nothing is loaded, and programs that
 * were compiled go on being used, so that each request of a service may have its own. What is at work and trainable is what
 * training changes; a model that is compiled takes notice of that with its next `compile`.
 *
 * @param names undefined or an empty list for the model as it was.
 * @throws ArgumentError for a name that the model does not have, and for one with DoRA among others; StateError while adapters
 * are merged.
 * @example
 * setAdapter(model, 'french')
 * const french = await model.predict(inputs)
 * setAdapter(model, undefined)
 */
export function setAdapter(model: PretrainedModel, names: string | readonly string[] | undefined): void {
  const state = stateOf(model)
  checkUnmerged('setAdapter', state)
  const wanted = [...new Set([names ?? []].flat())]
  const found = wanted.map((name) => heldAdapter('setAdapter', state, name))
  const dora = found.find(({ config }) => config.kind === 'lora' && config.dora)
  if (dora !== undefined && found.length > 1) {
    throw new ArgumentError({
      where: 'setAdapter',
      expected: 'an adapter with DoRA alone, since it sets the lengths of whole columns',
      received: wanted.map((name) => `'${name}'`).join(', '),
      fix: `setAdapter(model, '${dora.name}'), or several of plain LoRA.`,
    })
  }
  activate(state, wanted)
  trainActive(model, state)
}

/** The names of the adapters at work, and of all that a model has. */
export function adapterNames(model: PretrainedModel): {
  readonly active: readonly string[]
  readonly all: readonly string[]
} {
  const { active, held } = stateOf(model)
  return { active, all: [...held.keys()] }
}

/**
 * Makes the model's weights what the adapters at work compute, so that they cost nothing; `unmergeAdapter` undoes it to the last
 * bit, from the weights of before, which are kept meanwhile. To keep nothing, use `mergeAdapters` of typegrad.
 *
 * @throws StateError where no adapter is at work, or adapters are merged already; ArgumentError for a body of few bits, whose weights cannot
 * hold an update.
 * @example
 * await mergeAdapter(model)
 * await model.predict(inputs)
 * unmergeAdapter(model)
 */
export async function mergeAdapter(model: PretrainedModel): Promise<void> {
  const state = stateOf(model)
  checkUnmerged('mergeAdapter', state)
  if (state.active.length === 0) {
    throw new StateError({
      where: 'mergeAdapter',
      expected: 'a model with an adapter at work',
      received: state.held.size === 0 ? 'one without adapters' : 'one whose adapters are off',
      fix: 'setAdapter(model, name) puts one to work.',
    })
  }
  const paths = new Set(state.active.flatMap((name) => heldAdapter('mergeAdapter', state, name).paths))
  const placed = adaptersOf(model as unknown as AnyLayer).filter(({ path }) => paths.has(path))
  const encoded = placed.filter(({ adapter }) => adapter.encode !== WeightAdapter.prototype.encode)
  if (encoded.length > 0) {
    throw new ArgumentError({
      where: 'mergeAdapter',
      expected: 'weights in float32, which can hold an update',
      received: `${encoded.length} of few bits, such as '${encoded[0]?.path}'`,
      fix: 'Leave the adapter beside them: setAdapter. Or load the body in float32, merge, and quantise then.',
    })
  }
  const weights = [...new Set(placed.map(({ weight }) => weight))]
  const merged = weights.map(({ value }) => value)
  await evaluateAll(merged)
  const bases = new Map<Variable, Tensor>()
  for (const [i, { definition }] of weights.entries()) {
    const base = definition?.base as Variable
    bases.set(base, base.value)
    base.assign(merged[i] as Tensor)
  }
  state.merged = { bases, active: state.active }
  activate(state, [])
  trainActive(model, state)
}

/**
 * Undoes {@link mergeAdapter}: weights are what they were, to the last bit, and the adapters are at work beside them.
 *
 * @throws StateError where nothing is merged.
 */
export function unmergeAdapter(model: PretrainedModel): void {
  const state = stateOf(model)
  const { merged } = state
  if (merged === undefined) {
    throw new StateError({
      where: 'unmergeAdapter',
      expected: 'a model whose adapters are merged',
      received: 'one whose adapters are not',
    })
  }
  for (const [base, value] of merged.bases) base.assign(value)
  state.merged = undefined
  activate(state, merged.active)
  trainActive(model, state)
}

/**
 * Takes an adapter away with what it has learnt. The model's own weights are what they were, and stay frozen: `model.unfreeze()`
 * lets training change them.
 *
 * @throws ArgumentError for a name that the model does not have; StateError while adapters are merged.
 */
export function deleteAdapter(model: PretrainedModel, name: string): void {
  const state = stateOf(model)
  checkUnmerged('deleteAdapter', state)
  const { paths, originals } = heldAdapter('deleteAdapter', state, name)
  for (const [base, value] of originals) base.assign(value)
  const own = new Set(paths)
  // By path and name: others of the same weights stay.
  removeAdapters(model, (path) => own.has(path), name)
  state.held.delete(name)
  activate(
    state,
    state.active.filter((one) => one !== name),
  )
  trainActive(model, state)
}

function checkUnmerged(where: string, { merged }: AdapterState): void {
  if (merged === undefined) return
  throw new StateError({
    where,
    expected: 'a model whose adapters are not merged',
    received: `one in which ${merged.active.map((name) => `'${name}'`).join(', ')} ${merged.active.length === 1 ? 'is' : 'are'} merged`,
    fix: 'unmergeAdapter(model) first.',
  })
}

/** Switches adapters on and off: one number for each. */
function activate(state: AdapterState, names: readonly string[]): void {
  for (const [name, { on }] of state.held) on.assign(tensor(names.includes(name) ? 1 : 0))
  state.active = names
}

/** Training changes the adapters at work that are trainable, and nothing else. */
function trainActive(model: PretrainedModel, { held, active }: AdapterState): void {
  const trained = new Set(
    [...held.values()].flatMap(({ name, trainable, stored }) =>
      trainable && active.includes(name) ? stored.map(({ variable }) => variable) : [],
    ),
  )
  model.freeze((_, weight) => !trained.has(weight))
  if (trained.size > 0) model.unfreeze((_, weight) => trained.has(weight))
}
