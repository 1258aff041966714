import { describe, expect, test } from 'vitest'
import { deserializeLayer, serialize } from './doors/layers.ts'
import * as typegrad from './index.ts'
import { readGolden } from './testing/golden.ts'

interface KerasName {
  readonly module: string
  readonly name: string
  readonly kind: 'class' | 'function'
  /** The name that the same thing bears itself, where it has two. */
  readonly aliasOf?: string
}

const { cases } = readGolden<{ cases: readonly KerasName[] }>('catalogue.json')

/** The namespaces in which a module's names are looked for. */
const namespaces: Readonly<Record<string, readonly object[]>> = {
  layers: [typegrad.layers],
  activations: [typegrad.activations],
  initializers: [typegrad.initializers],
  regularizers: [typegrad.regularizers],
  constraints: [typegrad.constraints],
  losses: [typegrad.losses],
  // The functions of a batch that stand in both of Keras's modules.
  metrics: [typegrad.metrics, typegrad.losses],
  optimizers: [typegrad.optimizers],
  'optimizers.schedules': [typegrad.schedules],
  callbacks: [typegrad.callbacks],
}

/** What makes a thing of a name or a configuration, and what makes a configuration of a thing. */
const lookups: Readonly<Record<string, readonly [get: unknown, serialize: unknown]>> = {
  layers: [deserializeLayer, serialize],
  activations: [typegrad.activations.getActivation, typegrad.activations.activationConfig],
  initializers: [typegrad.initializers.getInitializer, serialize],
  regularizers: [typegrad.regularizers.getRegularizer, serialize],
  constraints: [typegrad.constraints.getConstraint, serialize],
  losses: [typegrad.losses.getLoss, serialize],
  metrics: [typegrad.metrics.getMetric, serialize],
  optimizers: [typegrad.optimizers.getOptimizer, serialize],
  'optimizers.schedules': [typegrad.schedules.getSchedule, serialize],
}

const because = (reason: string, module: string, names: string): Readonly<Record<string, string>> =>
  Object.fromEntries(names.split(/\s+/).map((name) => [`${module}.${name}`, reason]))

/** Names that have another one here, or none, and why. */
const exceptions: Readonly<Record<string, string>> = {
  ...because(
    "wraps what only Python runs: another framework's module or a SavedModel",
    'layers',
    'FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper',
  ),
  ...because('a layer says in build what input it takes', 'layers', 'InputSpec'),
  ...because('fit makes it of the list of callbacks', 'callbacks', 'CallbackList'),
  ...because('a format of checkpoints of JAX', 'callbacks', 'OrbaxCheckpoint'),
  ...because(
    "called PointwiseMetric here; a function of one's own is a metric by itself",
    'metrics',
    'MeanMetricWrapper',
  ),
  ...because('multiOptimizer takes a plain object', 'optimizers', 'OptimizerMap'),
}

/** Names of functions that a name alone does not make. */
const needsArguments: ReadonlySet<string> = new Set(['threshold'])

const letters = (name: string): string => name.replaceAll('_', '').toLowerCase()

/** Classes that are there to be extended, that `fit` gives, or that `layers.input` makes: they have no factory. */
const withoutFactory: ReadonlySet<string> = new Set([
  'Callback',
  'Constraint',
  'History',
  'Initializer',
  'InputLayer',
  'Layer',
  'LearningRateSchedule',
  'Loss',
  'Metric',
  'Optimizer',
  'Regularizer',
  'Wrapper',
])

/** A class under its own name with a factory beside it; a function, or an object's factory, in camelCase. */
function hasCounterpart({ module, name, kind, aliasOf }: KerasName): boolean {
  const [get, serialize] = lookups[module] ?? []
  if (name === 'get' || name === 'deserialize') return typeof get === 'function'
  if (name === 'serialize') return typeof serialize === 'function'
  return (namespaces[module] ?? []).some((namespace) => {
    const own = Object.keys(namespace)
    const factory = own.some((key) => /^[a-z]/.test(key) && letters(key) === letters(name))
    // Such as initializers.glorot_uniform: a class under a function's name.
    if (kind === 'function' || /^[a-z]/.test(name)) return factory
    return (own.includes(name) || own.includes(aliasOf ?? name)) && (factory || withoutFactory.has(name))
  })
}

describe("every public name of Keras's", () => {
  test.each(Object.keys(namespaces))('keras.%s has its counterpart', (module) => {
    const missing = cases.filter((row) => row.module === module && !hasCounterpart(row))
    expect(missing.map(({ name }) => `${module}.${name}`).filter((name) => !(name in exceptions))).toEqual([])
  })

  const identifiers = [
    'activations',
    'initializers',
    'regularizers',
    'constraints',
    'losses',
    'metrics',
    'optimizers',
  ]
  test.each(identifiers)('keras.%s are known by their names, in either spelling', (module) => {
    const get = lookups[module]?.[0] as (name: string) => unknown
    const names = cases
      // Functions of a batch are no identifiers, but for activations.
      .filter(({ kind }) => kind === 'class' || module === 'activations')
      .filter((row) => row.module === module && !(`${module}.${row.name}` in exceptions))
      .map(({ name }) => name)
      .filter((name) => !/^(get|serialize|deserialize)$/.test(name) && !withoutFactory.has(name))
      // What cannot be made without arguments, in Keras either.
      .filter((name) => !needsArguments.has(name))
    const unknown = names.filter((name) => {
      try {
        return get(name) === undefined
      } catch (error) {
        return error instanceof typegrad.UnknownNameError
      }
    })
    expect(unknown).toEqual([])
  })

  test('has one, or a reason why not: no exception is out of date', () => {
    const known = new Map(cases.map((row) => [`${row.module}.${row.name}`, row]))
    const idle = Object.keys(exceptions).filter((name) => {
      const row = known.get(name)
      return row === undefined || hasCounterpart(row)
    })
    expect(idle).toEqual([])
  })
})
