import { initializers, type Tensor, tensor, Variable } from 'typegrad'
import { ArgumentError, formatShape, type Shape, sizeOf } from 'typegrad/core'
import { getInitializer, type WeightAdapter } from 'typegrad/layers'
import { inverseOf, type NamedWeight, readOf } from '../checkpoint/names.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { ia3Targets, loraTargets } from './default-targets.ts'
import type { Ia3Config } from './ia3-config.ts'
import { byPattern, isPissa, type LoraConfig, sizesOf } from './lora-config.ts'
import { columnLengths, LoraWeight } from './lora-weight.ts'
import { type ModelModule, modulesOf, namesOf } from './modules.ts'
import { ReplacedWeight } from './replaced-weight.ts'
import { ScaledWeight } from './scaled-weight.ts'
import { isNamed, isWithin, targetModules } from './targets.ts'

/** An adapter that changes weights. */
export type WeightConfig = LoraConfig | Ia3Config

/** A variable of an adapter as PEFT's files have it. */
export interface StoredVariable {
  /** The names that files have for it, without `base_model.model.`; it is written under the last one. */
  readonly names: readonly string[]
  readonly variable: Variable
  /** In files. */
  readonly shape: Shape
  readonly toFile: (value: Tensor) => Tensor
  readonly fromFile: (value: Tensor) => Tensor
}

/** A weight that will be adapted. */
export interface PlannedWeight {
  readonly weight: NamedWeight
  readonly adapter: WeightAdapter<never>
}

/** A module whose largest singular values an update begins as. */
export interface PlannedPissa {
  readonly module: ModelModule
  readonly adapter: LoraWeight
}

/** What an adapter will be in a model; nothing is changed yet. */
export interface AdapterPlan<C = WeightConfig> {
  /** With what was left open: which modules. */
  readonly config: C
  readonly weights: readonly PlannedWeight[]
  readonly stored: readonly StoredVariable[]
  /** 1 where the adapter is at work, 0 where it is not. */
  readonly on: Variable
  readonly pissa: readonly PlannedPissa[]
  /** Whether kernels lie as GPT-2's do, inputs first. */
  readonly isInOut: boolean
}

/** Modules that are trained whole where nothing is said: heads, which are new mostly. */
function headsOf(model: PretrainedModel, weights: readonly NamedWeight[]): readonly string[] {
  const { className } = model.network
  const heads = /For(Sequence|Token|Image)Classification$/.test(className)
    ? ['classifier', 'score']
    : className.endsWith('ForQuestionAnswering')
      ? ['qa_outputs']
      : []
  return heads.filter((head) => weights.some(({ name }) => isWithin(name, [head])))
}

/**
 * What an adapter of this configuration adds to a model's weights.
 *
 * @param name the adapter's.
 * @param isFile whether the configuration was read from a file, whose tensors tell what is missing.
 * @throws ArgumentError for targets that fit nothing, and modules that the adapter cannot be for, all at once.
 */
export function planAdapter<C extends WeightConfig>(
  where: string,
  model: PretrainedModel,
  config: C,
  name: string,
  isFile: boolean,
): AdapterPlan<C> {
  const modules = modulesOf(model)
  const weights = model.checkpointWeights
  const saved = config.modulesToSave ?? headsOf(model, weights)
  const lost = saved.filter((one) => !weights.some((weight) => isSaved(model, weight, [one])))
  if (!isFile && lost.length > 0) {
    throw new ArgumentError({
      where: `${where}: modulesToSave`,
      expected: 'names that fit modules with weights',
      received: `${lost.map((one) => `'${one}'`).join(', ')}`,
      fix: `The modules are ${[...new Set(modules.map((module) => module.name.split('.').at(-1)))].join(', ')}.`,
    })
  }
  const { modelType } = model.architecture
  const defaults = config.kind === 'lora' ? loraTargets[modelType] : ia3Targets[modelType]?.targets
  const targets = targetModules(where, modules, config, { defaults, saved, isFile })
  const misfits = targets.flatMap((module) => {
    const misfit = misfitOf(module, config)
    return misfit === undefined ? [] : [`'${module.name}' ${misfit}`]
  })
  if (misfits.length > 0) {
    throw new ArgumentError({
      where: `${where}: targets`,
      expected: 'modules that this adapter can be for',
      received: misfits.join('; '),
      fix: 'Name others, or leave them out by exclude.',
    })
  }
  const on = new Variable(tensor(1), { name: `${name}/on`, trainable: false })
  const context: Context = { model, name, on }
  const resolved: C = {
    ...config,
    modulesToSave: saved,
    ...resolvedTargets(config, targets, defaults),
    ...(config.kind === 'ia3' && {
      feedForward: config.feedForward ?? ia3Targets[modelType]?.feedForward ?? [],
    }),
  }
  const parts = targets.map((module) =>
    config.kind === 'lora' ? loraPart(context, module, config) : ia3Part(context, module, config, modelType),
  )
  const whole = weights.filter((weight) => isSaved(model, weight, saved))
  const biases =
    config.kind === 'lora'
      ? trainedBiases(weights, targets, config).filter((one) => !whole.includes(one))
      : []
  const isTarget = (weight: NamedWeight) => targets.some(({ bias }) => bias?.weight === weight.weight)
  const replaced = [...biases, ...whole].map((weight) => replacedPart(context, weight, isTarget(weight)))
  const all = [...parts, ...replaced]
  return {
    config: resolved,
    on,
    weights: all.flatMap((part) => part.weights),
    stored: all.flatMap((part) => part.stored),
    pissa:
      config.kind === 'lora' && isPissa(config)
        ? targets.map((module, i) => ({
            module,
            adapter: parts[i]?.weights[0]?.adapter as unknown as LoraWeight,
          }))
        : [],
    isInOut: targets.some(({ kind, kernel }) => kind === 'dense' && kernel.axes === undefined),
  }
}

/**
 * Which modules, as PEFT finds them again: what was asked for, or the names of all where it might mean others there, as
 * `'all-linear'` does, and names that Python's transformers have changed.
 */
function resolvedTargets(
  config: WeightConfig,
  targets: readonly ModelModule[],
  defaults: readonly string[] | undefined,
): Partial<LoraConfig> {
  const wanted = config.targets ?? defaults ?? []
  const isAll = typeof wanted === 'string' && wanted.toLowerCase() === 'all-linear'
  const isRenamed = targets.some(({ names }) => names.length > 1)
  if (!isAll && !isRenamed) return { targets: wanted }
  const named = targets.map((module) => [module.names.at(-1) as string, module] as const)
  const all = { targets: named.map(([name]) => name) }
  if (!isRenamed || config.kind === 'ia3') return all
  const own = (pattern: Readonly<Record<string, number>>) => matchesOf(pattern, named)
  return { ...all, rankPattern: own(config.rankPattern), alphaPattern: own(config.alphaPattern) }
}

/** The numbers of a pattern by the names of the modules that it fits. */
const matchesOf = (
  pattern: Readonly<Record<string, number>>,
  named: readonly (readonly [string, ModelModule])[],
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    named.flatMap(([name, { names }]) => {
      const value = byPattern(pattern, names)
      return value === undefined ? [] : [[name, value]]
    }),
  )

interface Context {
  readonly model: PretrainedModel
  readonly name: string
  readonly on: Variable
}

type Part = Pick<AdapterPlan, 'weights' | 'stored'>

const isSaved = (model: PretrainedModel, { name }: NamedWeight, saved: readonly string[]): boolean =>
  namesOf(model, name).some((one) => isWithin(one, saved))

/** Why a module cannot be adapted; undefined where it can. */
function misfitOf({ kind, isTied, layer, read }: ModelModule, config: WeightConfig): string | undefined {
  if (config.kind === 'ia3' && kind !== 'dense') return 'is no dense layer'
  if (kind === 'embedding' && isTied)
    return 'is a table that the head or several parts share, of which PEFT adapts one use alone'
  if (kind === 'convolution' && (layer as { readonly groups?: number }).groups !== 1)
    return 'is a convolution of groups'
  if (config.kind === 'lora' && config.dropout > 0 && kind === 'convolution')
    return 'is a convolution, whose inputs are not dropped: dropout has to be 0'
  if (config.kind === 'lora' && isPissa(config) && kind !== 'dense')
    return 'has no singular values to begin with'
  if (read.shape.length < 2) return `has a kernel of shape ${formatShape(read.shape)}`
  return undefined
}

/** A variable called after the weight that it is for. */
const variableFor = ({ weight }: NamedWeight, adapter: string, own: string, value: Tensor): Variable =>
  new Variable(value, { name: `${weight.name}/${adapter}/${own}` })

const turned = (value: Tensor): Tensor => value.transpose()

function loraPart({ name, on }: Context, module: ModelModule, config: LoraConfig): Part {
  const { kind, kernel, names, read } = module
  const { rank, scale } = sizesOf(config, names)
  // Words that are looked up are not dropped.
  const dropout = kind === 'dense' ? config.dropout : 0
  const shape = read.shape
  const [rows, columns] = [sizeOf(shape.slice(0, -1)), shape.at(-1) as number]
  const begun = beginning(module, config, rank, rows)
  const a = variableFor(kernel, name, 'a', begun.a.initialize([rows, rank], 'float32'))
  const b = variableFor(kernel, name, 'b', begun.b.initialize([rank, columns], 'float32'))
  const magnitude = config.dora
    ? variableFor(kernel, name, 'magnitude', columnLengths(read.value))
    : undefined
  const adapter = new LoraWeight(
    name,
    { a, b, on, ...(magnitude !== undefined && { magnitude }) },
    { scale, dropout },
  )
  const called = (...ends: readonly string[]) => ends.flatMap((end) => names.map((own) => `${own}.${end}`))
  const stored: StoredVariable[] = [
    kind === 'convolution'
      ? convolutionFactor(kernel, shape, a, called('lora_A.weight'))
      : {
          names: called(kind === 'embedding' ? 'lora_embedding_A' : 'lora_A.weight'),
          ...{ variable: a, shape: [rank, rows], toFile: turned, fromFile: turned },
        },
    kind === 'convolution'
      ? {
          names: called('lora_B.weight'),
          variable: b,
          shape: [columns, rank, ...shape.slice(2).map(() => 1)],
          toFile: (value) => turned(value).reshape([columns, rank, ...shape.slice(2).map(() => 1)]),
          fromFile: (value) => turned(value.reshape([columns, rank])),
        }
      : {
          names: called(kind === 'embedding' ? 'lora_embedding_B' : 'lora_B.weight'),
          ...{ variable: b, shape: [columns, rank], toFile: turned, fromFile: turned },
        },
  ]
  if (magnitude !== undefined) {
    const inFile = kind === 'convolution' ? [1, columns, ...shape.slice(2).map(() => 1)] : [columns]
    stored.push({
      names: called('lora_magnitude_vector.weight', 'lora_magnitude_vector'),
      variable: magnitude,
      shape: inFile,
      toFile: (value) => value.reshape(inFile),
      fromFile: (value) => value.reshape([columns]),
    })
  }

  return { weights: [{ weight: kernel, adapter }], stored }
}

/** A of a convolution: a convolution to `rank` channels, (…places, inputs, rank) here. */
function convolutionFactor(
  { axes = [] }: NamedWeight,
  shape: Shape,
  a: Variable,
  names: readonly string[],
): StoredVariable {
  const [rows, rank] = a.shape as readonly [number, number]
  const whole = [...shape.slice(0, -1), rank]
  const toFile = inverseOf(axes)
  return {
    names,
    variable: a,
    shape: toFile.map((axis) => whole[axis] as number),
    toFile: (value) => value.reshape(whole).transpose(toFile),
    fromFile: (value) => value.transpose(axes).reshape([rows, rank]),
  }
}

/** What A and B begin as; those of PiSSA are found afterwards. */
function beginning({ kind }: ModelModule, { initializer }: LoraConfig, rank: number, rows: number) {
  const zeros = getInitializer('zeros')
  // As PyTorch's Embedding begins.
  if (kind === 'embedding') return { a: zeros, b: initializers.randomNormal({ stddev: 1 }) }
  if (initializer === 'gaussian') return { a: initializers.randomNormal({ stddev: 1 / rank }), b: zeros }
  // As PyTorch's Linear begins: Kaiming's uniform numbers with a slope of √5.
  const limit = 1 / Math.sqrt(rows)
  return { a: initializers.randomUniform({ minval: -limit, maxval: limit }), b: zeros }
}

function ia3Part({ name, on }: Context, module: ModelModule, config: Ia3Config, modelType: string): Part {
  const { kernel, bias, names, read } = module
  const [inputs, outputs] = read.shape as readonly [number, number]
  const fed = config.feedForward ?? ia3Targets[modelType]?.feedForward ?? []
  const isFed = fed.length > 0 && isNamed(module, fed)
  const size = isFed ? inputs : outputs
  const vector = variableFor(kernel, name, 'vector', getInitializer('ones').initialize([size], 'float32'))
  const scaled = (weight: NamedWeight): PlannedWeight => ({
    weight,
    adapter: new ScaledWeight(name, vector, on, isFed ? 'inputs' : 'outputs'),
  })
  const shape = isFed ? [1, size] : [size, 1]
  return {
    weights: [scaled(kernel), ...(bias === undefined || isFed ? [] : [scaled(bias)])],
    stored: [
      {
        names: names.map((own) => `${own}.ia3_l`),
        variable: vector,
        shape,
        toFile: (value) => value.reshape(shape),
        fromFile: (value) => value.reshape([size]),
      },
    ],
  }
}

function trainedBiases(
  weights: readonly NamedWeight[],
  targets: readonly ModelModule[],
  { bias }: LoraConfig,
): readonly NamedWeight[] {
  if (bias === 'none') return []
  if (bias === 'all') return weights.filter(({ name }) => /(^|\.)bias$/.test(name))
  return targets.flatMap((module) => module.bias ?? [])
}

/** @param isOfTarget whether PEFT keeps it in a module that it has wrapped. */
function replacedPart({ model, name, on }: Context, weight: NamedWeight, isOfTarget: boolean): Part {
  const { axes } = weight
  const value = variableFor(weight, name, 'value', readOf(weight).value)
  const toFile = axes === undefined ? undefined : inverseOf(axes)
  const named = namesOf(model, weight.name)
  return {
    weights: [{ weight, adapter: new ReplacedWeight(name, value, on) }],
    stored: [
      {
        names: isOfTarget
          ? [...named, ...named.map((one) => one.replace(/bias$/, 'base_layer.bias'))]
          : named,
        variable: value,
        shape: toFile === undefined ? value.shape : toFile.map((axis) => value.shape[axis] as number),
        toFile: (whole) => (toFile === undefined ? whole : whole.transpose(toFile)),
        fromFile: (whole) => (axes === undefined ? whole : whole.transpose(axes)),
      },
    ],
  }
}
