import { FittedRecipe, type Recipe } from '@typegrad/data'
import { Generator, type Variable, withGenerator } from 'typegrad/core'
import type { ColumnRoles } from '../features/column-roles.ts'
import { NetworkFeatures, type NetworkRows } from '../features/network-features.ts'
import { networkPredictions } from '../onnx/network-to-onnx.ts'
import { readList, readNumbers, readPart, readText } from '../saving/saved.ts'
import { lossOf, type TrainedTask } from '../scores/metrics.ts'
import type { Candidate, FittedCandidate } from './candidate.ts'
import { type NetworkLink, networkLink } from './network-loss.ts'
import { NetworkPredictor, type TableNetwork } from './network-predictor.ts'
import type { FactorsOf, NetworkRules } from './network-rules.ts'
import { type KeptWeights, keepWeights, readWeights, savedWeights } from './network-weights.ts'
import { readTableNetwork } from './read-network.ts'
import { partsOf } from './task-loss.ts'
import { trainNetwork } from './train-network.ts'

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

/** A network that learns until the watched rows no longer gain by it. */
export const network = <N extends string>(kind: NetworkKind<N>): Candidate<N> => ({
  name: kind.name,
  kind: 'network',
  fit: async ({ task, roles, training, watched, seed, deadline, signal }) => {
    const { fitted, frame } = await kind.recipe(roles, training.frame.length).fitTransform(training.frame)
    const features = new NetworkFeatures(fitted, frame.names, roles.categories)
    const [rows, held] = [features.rowsOf(frame), await features.of(watched.frame)]
    const rules = kind.rules(task)
    const targets = targetsOf(task, training.values)
    const link = networkLink(task, targets, rules.smoothing)
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
    const predictor = new NetworkPredictor(made.network, link)
    const metric = lossOf(task)
    await trainNetwork({
      ...made,
      rules,
      link,
      training: rows,
      targets,
      watch: async () => metric.of(watched.values, await predictor.predict(held)),
      seed,
      generator,
      deadline,
      signal,
    })
    return fittedNetwork(features, made.network, link, await keepWeights(made.network), predictor)
  },
})

/** What a network learns of rows: the relevance of those of a ranking, of others what the task has. */
function targetsOf(task: TrainedTask, values: Float64Array): Float64Array {
  const [part] = partsOf(task)
  return task.kind === 'ranking' && part !== undefined ? part.targetsOf(values) : values
}

function fittedNetwork(
  features: NetworkFeatures,
  made: TableNetwork,
  link: NetworkLink,
  weights: KeptWeights,
  predictor: NetworkPredictor,
): FittedCandidate {
  return {
    kind: 'network',
    predict: async (frame) => predictor.predict(await features.of(frame)),
    toSaved: () => ({
      recipe: features.recipe.toJSON() as never,
      numbers: features.numbers,
      categories: features.categories,
      network: { className: made.className, config: made.getConfig() as never },
      link: {
        kind: link.kind,
        numbers: [link.outputs, link.center, link.scale, ...link.bounds, link.smoothing],
        levels: link.levels,
      },
      ...savedWeights(weights),
    }),
    toOnnx: (builder, columns) => networkPredictions(builder, made, features, link, columns),
  }
}

/** @throws FormatError for what no network has kept. */
export function readNetwork(saved: unknown): FittedCandidate {
  const recipe = FittedRecipe.fromJSON(readPart(saved, 'recipe'))
  const categories = readList(saved, 'categories') as readonly string[]
  const names = [...(readList(saved, 'numbers') as readonly string[]), ...categories]
  const features = new NetworkFeatures(recipe, names, categories)
  const link = readLink(readPart(saved, 'link'))
  const made = readTableNetwork(readPart(saved, 'network'))
  made.ensureBuilt(
    [features.numbers.length, features.sizes.length]
      .filter((width) => width > 0)
      .map((width) => [null, width]),
  )
  const weights = readWeights(saved, made)
  return fittedNetwork(features, made, link, weights, new NetworkPredictor(made, link))
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
