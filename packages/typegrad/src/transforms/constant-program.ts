import { paced } from '../base/work.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import type { Node } from '../graph/node.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { noKernels } from '../kernel/support.ts'
import { makingOnly, type SplitModel, splitConstantPartWork } from '../lowering/constant-part.ts'
import { bytesOfValue, ConstantValues, constantUses } from '../lowering/constant-values.ts'
import { kernelsUsedBy, lowerWork, readBy } from '../lowering/lower.ts'
import { encodeModelWork } from '../onnx/encode.ts'
import type { OnnxModel, OnnxValue } from '../onnx/model.ts'
import { optimizeWork } from '../passes/optimize.ts'
import type { EngineContext } from './engine-context.ts'
import { signatureOf } from './languages.ts'
import type { PackedForm, PackedPiece } from './packed-weights.ts'

/** A piece with the leaves that it is made of. */
export interface LeafPiece extends PackedPiece {
  readonly leaves: readonly Node[]
}

/** What becomes of a constant: packed for a product, or in a product of a dtype that is never packed. */
export type PackedAs = 'packed' | 'unpacked dtype'

/** A graph that was lowered with some of its leaves as constants. */
export interface ConstantProgram extends SplitModel {
  /** The outputs after all passes. */
  readonly outputs: readonly Node[]
  readonly kernels: ReadonlyMap<string, Kernel>
  /** Names of the constants in the models. */
  readonly names: ReadonlyMap<Node, string>
  /** How what the first model makes is known to others that make the same; absent where it is its own. */
  readonly recipes: ReadonlyMap<string, string>
  /** What it will hold beside the leaves' own memory. */
  readonly pieces: readonly LeafPiece[]
  readonly roles: ReadonlyMap<Node, PackedAs>
}

/**
 * Lowers a graph with some of its leaves as constants, and finds out what is packed of them.
 *
 * @param inputs the leaves that remain inputs, in the order that the model is to have.
 * @param constants all other leaves, with what tells the value of each from all others.
 * @param sharing what forms have in common that share what the runtime packs.
 */
export async function lowerWithConstants(
  { engine }: EngineContext,
  traced: readonly Node[],
  inputs: readonly Node[],
  constants: ReadonlyMap<Node, string>,
  sharing: string,
): Promise<ConstantProgram> {
  const names = new Map([...constants.keys()].map((node, i) => [node, `constant_${i}`]))
  // Channels first: convolutions are the runtime's own, which keeps their constant kernels in blocks of channels.
  const outputs = await paced(optimizeWork(traced, noKernels))
  const { kernelSupport } = engine
  const { model, kernels } = await paced(lowerWork({ inputs, outputs, added: names, kernelSupport }))
  const types = new Map(
    [...names].map(([{ dtype, shape }, name]): [string, OnnxValue] => [name, { name, dtype, shape }]),
  )
  const split = await paced(splitConstantPartWork(model, types))
  const identities = new Map([...names].map(([node, name]) => [name, constants.get(node) as string]))
  const whole = await paced(ConstantValues.finding(model, identities, kernels))
  const recipes = new Map<string, string>()
  for (const { name } of split.passed) {
    const recipe = whole.recipeOf(name)
    if (recipe !== undefined) recipes.set(name, recipe)
  }

  const leaves = new Map([...names].map(([node, name]) => [name, node]))
  const leavesOf = (name: string): Node[] =>
    [...whole.sourcesOf(name)].map((source) => leaves.get(source) as Node)
  const known = new Map([
    ...types,
    ...(model.graph.values ?? []).map((value) => [value.name, value] as const),
  ])
  const bytesOf = (name: string): number => {
    const type = known.get(name)
    if (type !== undefined) return bytesOfValue(type)
    return leavesOf(name).reduce((sum, leaf) => sum + bytesOfValue(leaf), 0)
  }
  const pieces: LeafPiece[] = split.passed.map(({ name }) => ({
    key: recipes.get(name) ?? {},
    bytes: bytesOf(name),
    leaves: leavesOf(name),
  }))
  const roles = new Map<Node, PackedAs>()
  // Each leaf and what was passed on has memory already; the runtime computes the rest once.
  const given = new Map([
    ...identities,
    ...split.passed.map(({ name }) => [name, recipes.get(name) ?? name] as const),
  ])
  const rest = await paced(ConstantValues.finding(split.rest, given, kernels))
  for (const { name, isPacked, packedDType, isSharable, isOfKernel } of constantUses(
    split.rest,
    rest,
    kernels,
  )) {
    const sources = leavesOf(name)
    const isOfDType = (known.get(name) ?? sources[0])?.dtype === packedDType
    if (isPacked)
      for (const leaf of sources)
        if (roles.get(leaf) !== 'packed') roles.set(leaf, isOfDType ? 'packed' : 'unpacked dtype')
    const isCopied = rest.isComputed(name)
    const isRepacked = isPacked && isOfDType && !isOfKernel
    if (!isCopied && !isRepacked) continue
    const recipe = isSharable && !isCopied ? given.get(name) : undefined
    const key = recipe === undefined || !isRepacked ? {} : `${sharing}: ${recipe}`
    pieces.push({ key, bytes: bytesOf(name), leaves: sources })
  }
  if (engine.copiesConstants)
    for (const [node] of constants) pieces.push({ key: {}, bytes: bytesOfValue(node), leaves: [node] })
  return { ...split, outputs, kernels, names, recipes, pieces, roles }
}

/**
 * Loads such a program, in the background.
 *
 * @param values of the constants, which must stay as they are for as long as it is used.
 * @param form that holds what is made of them, together with others that need the same.
 * @param sharing the same object for programs that share what the runtime packs.
 */
export async function loadWithConstants(
  on: EngineContext,
  program: ConstantProgram,
  values: ReadonlyMap<Node, Storage>,
  form: PackedForm,
  sharing: object,
): Promise<Executable | undefined> {
  const { engine } = on
  const { rest, kernels, names } = program
  const byName = new Map([...values].map(([node, storage]) => [names.get(node) as string, storage]))
  for (const [name, storage] of await passedValues(on, program, byName, form)) byName.set(name, storage)
  const isRead = new Set(rest.graph.nodes.flatMap(readBy))
  const read = new Map([...byName].filter(([name]) => isRead.has(name)))
  return engine.loadWithConstants?.(await paced(encodeModelWork(rest)), read, {
    kernels: kernelsUsedBy(rest, kernels),
    sharing,
  })
}

/** What kernels make of constants alone: made now, or for another form before. */
async function passedValues(
  on: EngineContext,
  { constantPart, passed, recipes, kernels }: ConstantProgram,
  values: ReadonlyMap<string, Storage>,
  form: PackedForm,
): Promise<[name: string, Storage][]> {
  if (constantPart === undefined) return []
  const { packed } = on
  const recipeOf = ({ name }: OnnxValue) => recipes.get(name)
  const missing = passed.filter((value) => !packed.hasValue(recipeOf(value) ?? ''))
  const making = missing.length === 0 ? [] : makeValues(on, constantPart, missing, kernels, values)
  const made = async ({ name }: OnnxValue): Promise<Storage> =>
    (await making)[missing.findIndex((value) => value.name === name)] as Storage
  return Promise.all(
    passed.map(async (value): Promise<[string, Storage]> => {
      const recipe = recipeOf(value)
      const storage = recipe === undefined ? made(value) : packed.value(recipe, form, () => made(value))
      return [value.name, await storage]
    }),
  )
}

/** Some of the outputs of a model whose inputs have these values, by a run of these alone. */
async function makeValues(
  on: EngineContext,
  whole: OnnxModel,
  wanted: readonly OnnxValue[],
  kernels: ReadonlyMap<string, Kernel>,
  values: ReadonlyMap<string, Storage>,
): Promise<Storage[]> {
  const { engine } = on
  const model = await paced(makingOnly(whole, wanted))
  const signature = signatureOf(model)
  const executable = await engine.load(await paced(encodeModelWork(model)), {
    kernels: kernelsUsedBy(model, kernels),
    signature,
  })
  const outputs = signature.outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
  const inputs = signature.inputs.map(({ name }) => values.get(name) as Storage)
  try {
    await on.enqueue(() => executable.run(inputs, outputs))
  } finally {
    executable.dispose()
  }
  return outputs
}
