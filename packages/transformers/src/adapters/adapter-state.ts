import type { Tensor, Variable } from 'typegrad'
import { ArgumentError, nearestName } from 'typegrad/core'
import { type AnyLayer, adaptersOf } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { Network } from '../layers/network.ts'
import type { AdapterPlan, WeightConfig } from './plan.ts'

/** An adapter that a model has. */
export interface HeldAdapter extends AdapterPlan<WeightConfig> {
  readonly name: string
  /** Paths of the weights that it changes, among the model's. */
  readonly paths: readonly string[]
  /** Whether training changes it while it is at work. */
  readonly trainable: boolean
  /** What weights were before PiSSA took their largest singular values off. */
  readonly originals: ReadonlyMap<Variable, Tensor>
}

/** What merged weights were, and which adapters were at work. */
export interface Merged {
  readonly bases: ReadonlyMap<Variable, Tensor>
  readonly active: readonly string[]
}

/** The adapters of a model. */
export interface AdapterState {
  readonly held: Map<string, HeldAdapter>
  active: readonly string[]
  merged: Merged | undefined
}

const states = new WeakMap<Network, AdapterState>()

/** The state of a model's adapters, without those that were taken off its weights otherwise (`mergeAdapters` of typegrad). */
export function stateOf(model: PretrainedModel): AdapterState {
  const { network } = model
  const known = states.get(network)
  const state: AdapterState = known ?? { held: new Map(), active: [], merged: undefined }
  if (known === undefined) states.set(network, state)
  if (state.held.size === 0) return state
  const present = new Set<unknown>(adaptersOf(model as unknown as AnyLayer).map(({ adapter }) => adapter))
  for (const [name, { weights }] of state.held) {
    if (weights.every(({ adapter }) => present.has(adapter))) continue
    state.held.delete(name)
    state.active = state.active.filter((one) => one !== name)
  }
  if (state.held.size === 0) state.merged = undefined
  return state
}

/** @throws ArgumentError with the names that there are. */
export function heldAdapter(where: string, { held }: AdapterState, name: string): HeldAdapter {
  const found = held.get(name)
  if (found !== undefined) return found
  const near = nearestName(String(name), held.keys())
  const names = [...held.keys()].map((one) => `'${one}'`).join(', ')
  throw new ArgumentError({
    where: `${where}: name`,
    expected: held.size === 0 ? 'a model with adapters' : `the name of an adapter of the model (${names})`,
    received: `'${name}'`,
    fix:
      near !== undefined
        ? `Did you mean '${near}'?`
        : 'Add one by addAdapter(model, lora(), name), or load one by loadAdapter(model, folder, name).',
  })
}
