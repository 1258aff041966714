import { FittedRecipe, type Recipe } from '@typegrad/data'
import { Generator, type Variable, withGenerator } from 'typegrad/core'
import type { ColumnRoles } from '../features/column-roles.ts'
import { NetworkFeatures, type NetworkRows } from '../features/network-features.ts'
import { networkPredictions } from '../onnx/network-to-onnx.ts'
import { readList, readNumbers, readPart, readText } from '../saving/saved.ts'
import { lossOf, type TrainedTask } from '../scores/metrics.ts'
import type { Candidate, FitContext, FittedCandidate } from './candidate.ts'
import { type NetworkLink, networkLink } from './network-loss.ts'
import { NetworkPredictor, type TableNetwork } from './network-predictor.ts'
import type { FactorsOf, NetworkRules } from './network-rules.ts'
import { type KeptWeights, keepWeights, readWeights, savedWeights } from './network-weights.ts'
import { readTableNetwork } from './read-network.ts'
import { partsOf } from './task-loss.ts'
import { type NetworkTraining, retrainNetwork, trainNetwork } from './train-network.ts'

/** What a network is made for. */
export interface NetworkShape {
  readonly task: TrainedTask
  readonly outputs: number
  readonly numbers: number
  /** Codes of each column of categories. */
  readonly categories: readonly number[]
  /** The rows that are learned from. */
  readonly training: NetworkRows
}

/** A network before it is trained, and what its rules ask of it. */
export interface MadeNetwork {
  readonly network: TableNetwork
  readonly factorsOf: FactorsOf
  /** The share that training drops, where it changes. */
  readonly dropout?: Variable
}

/** A kind of network that is tried. */
export interface NetworkKind<N extends string> {
  readonly name: N
  readonly recipe: (roles: ColumnRoles, rows: number) => Recipe
  readonly rules: (task: TrainedTask) => NetworkRules
  readonly make: (shape: NetworkShape) => Promise<MadeNetwork>
}

/** Networks that learn from all rows at once, and are a mean: one is no better than those of five folds, two are (`docs/decisions.md`). */
const refits = 2

/** A network that learns until the watched rows no longer gain by it. */
export const network = <N extends string>(kind: NetworkKind<N>): Candidate<N> => ({
  name: kind.name,
  kind: 'network',
  fit: async ({ watched, ...context }) => {
    const lesson = await lessonOf(kind, context)
    const { features, link } = lesson
    const held = await features.of(watched.frame)
    const made = await beginner(kind, context, lesson, context.seed)
    const predictor = new NetworkPredictor([made.network], link)
    const metric = lossOf(context.task)
    const { best, schedule } = await trainNetwork(made, async () =>
      metric.of(watched.values, await predictor.predict(held)),
    )
    return fittedNetworks(
      features,
      link,
      [{ network: made.network, weights: await keepWeights(made.network) }],
      [best, schedule],
    )
  },
  refit: async (context, settings) => {
    const lesson = await lessonOf(kind, context)
    const mean = (part: number): number =>
      settings.reduce((sum, own) => sum + (own[part] ?? 1), 0) / settings.length
    const learned = { best: mean(0), schedule: mean(1) }
    const all: KeptNetwork[] = []
    for (let i = 0; i < refits; i++) {
      const made = await beginner(kind, context, lesson, context.seed + i)
      await retrainNetwork(made, learned)
      all.push({ network: made.network, weights: await keepWeights(made.network) })
    }
    return fittedNetworks(lesson.features, lesson.link, all)
  },
})

/** Rows and targets as a kind of network takes them. */
interface Lesson {
  readonly features: NetworkFeatures
  readonly rows: NetworkRows
  readonly targets: Float64Array
  readonly rules: NetworkRules
  readonly link: NetworkLink
}

async function lessonOf(
  kind: NetworkKind<string>,
  { task, roles, training }: Omit<FitContext, 'watched'>,
): Promise<Lesson> {
  const { fitted, frame } = await kind.recipe(roles, training.frame.length).fitTransform(training.frame)
  const features = new NetworkFeatures(fitted, frame.names, roles.categories)
  const rules = kind.rules(task)
  const targets = targetsOf(task, training.values)
  return {
    ...{ features, targets, rules },
    rows: features.rowsOf(frame),
    link: networkLink(task, targets, rules.smoothing),
  }
}

/** A network that has learned nothing yet, and all that it is to learn by. */
async function beginner(
  kind: NetworkKind<string>,
  { task, deadline, signal }: Omit<FitContext, 'watched'>,
  { features, rows, targets, rules, link }: Lesson,
  seed: number,
): Promise<NetworkTraining> {
  const generator = new Generator(seed)
  const made = await withGenerator(generator, () =>
    kind.make({
      task,
      outputs: link.outputs,
      numbers: features.numbers.length,
      categories: features.sizes,
      training: rows,
    }),
  )
  return { ...made, rules, link, training: rows, targets, seed, generator, deadline, signal }
}

/** What a network learns of rows: the relevance of those of a ranking, of others what the task has. */
function targetsOf(task: TrainedTask, values: Float64Array): Float64Array {
  const [part] = partsOf(task)
  return task.kind === 'ranking' && part !== undefined ? part.targetsOf(values) : values
}

/** A network with weights that are kept. */
interface KeptNetwork {
  readonly network: TableNetwork
  readonly weights: KeptWeights
}

function fittedNetworks(
  features: NetworkFeatures,
  link: NetworkLink,
  all: readonly KeptNetwork[],
  settings?: readonly number[],
): FittedCandidate {
  const networks = all.map(({ network }) => network)
  const predictor = new NetworkPredictor(networks, link)
  return {
    kind: 'network',
    ...(settings !== undefined && { settings }),
    recipe: features.recipe,
    predictFeatures: async (made) => predictor.predict(features.rowsOf(made)),
    toSaved: () => ({
      recipe: features.recipe.toJSON() as never,
      numbers: features.numbers,
      categories: features.categories,
      link: {
        kind: link.kind,
        numbers: [link.outputs, link.center, link.scale, ...link.bounds, link.smoothing],
        levels: link.levels,
      },
      networks: all.map(({ network, weights }) => ({
        className: network.className,
        config: network.getConfig() as never,
        ...savedWeights(weights),
      })),
    }),
    toOnnx: (builder, columns) => networkPredictions(builder, networks, features, link, columns),
  }
}

/** @throws FormatError for what no network has kept. */
export function readNetwork(saved: unknown): FittedCandidate {
  const recipe = FittedRecipe.fromJSON(readPart(saved, 'recipe'))
  const categories = readList(saved, 'categories') as readonly string[]
  const names = [...(readList(saved, 'numbers') as readonly string[]), ...categories]
  const features = new NetworkFeatures(recipe, names, categories)
  const link = readLink(readPart(saved, 'link'))
  const widths = [features.numbers.length, features.sizes.length].filter((width) => width > 0)
  const all = readList(saved, 'networks').map((own): KeptNetwork => {
    const network = readTableNetwork(own)
    network.ensureBuilt(widths.map((width) => [null, width]))
    return { network, weights: readWeights(own, network) }
  })
  return fittedNetworks(features, link, all)
}

const kinds = ['binary', 'classes', 'labels', 'regression', 'counts', 'quantiles', 'ranking'] as const

function readLink(saved: unknown): NetworkLink {
  const [outputs = 1, center = 0, scale = 1, low = 0, high = 0, smoothing = 0] = readNumbers(saved, 'numbers')
  return {
    kind: readText(saved, 'kind', kinds),
    outputs,
    center,
    scale,
    bounds: [low, high],
    levels: readNumbers(saved, 'levels'),
    smoothing,
  }
}
