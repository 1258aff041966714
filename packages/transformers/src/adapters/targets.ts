import { ArgumentError, nearestName } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { ConfigReader, RawConfig } from '../base/config.ts'
import type { ModelModule } from './modules.ts'

/** Which modules of a model an adapter is for, as PEFT says it. */
export interface Targets {
  /**
   * The modules that are adapted: names or ends of names, such as `['query', 'value']`; a regular expression of whole names;
   * or `'all-linear'`, every dense layer but the head. Default: those that PEFT chooses for the architecture.
   */
  readonly targets?: string | readonly string[]
  /** Modules that are not, in the same way. Default none. */
  readonly exclude?: string | readonly string[]
  /** Numbers of the blocks whose modules are adapted. Default: all. */
  readonly layers?: readonly number[]
  /** What the list of blocks is called, where a name has several numbers: `'h'`. Default: the first number counts. */
  readonly layersPattern?: string
  /**
   * Modules that are trained whole and saved with the adapter, such as a new head: names or ends of names. Default: the head of
   * a network that classifies or answers.
   */
  readonly modulesToSave?: readonly string[]
}

const areNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '')

export const names = { expected: "names of modules, such as ['query', 'value']", accepts: areNames }

export const nameList = {
  expected: `${names.expected}, or a regular expression as a string`,
  accepts: (value: unknown) => areNames(value) || (typeof value === 'string' && value !== ''),
}

export const targetChecks = {
  targets: nameList,
  exclude: nameList,
  layers: {
    expected: 'numbers of blocks, from 0',
    accepts: (value: unknown) =>
      Array.isArray(value) && value.every((one) => Number.isInteger(one) && one >= 0),
  },
  layersPattern: checks.string,
  modulesToSave: {
    expected: names.expected,
    accepts: (value: unknown) => areNames(value) || (Array.isArray(value) && value.length === 0),
  },
}

/** @throws ArgumentError for what is no regular expression. */
export function checkPattern(where: string, pattern: string): void {
  try {
    new RegExp(pattern)
  } catch (cause) {
    throw new ArgumentError({
      where,
      expected: 'a regular expression',
      received: `'${pattern}': ${(cause as Error).message}`,
    })
  }
}

/** Whether a module is meant by a regular expression of its whole name, or by one of several ends of it. */
export function isNamed({ names }: ModelModule, wanted: string | readonly string[]): boolean {
  if (typeof wanted === 'string') {
    const pattern = new RegExp(`^(?:${wanted})$`)
    return names.some((name) => pattern.test(name))
  }
  return names.some((name) => wanted.some((one) => name === one || name.endsWith(`.${one}`)))
}

/** Whether a name stands in a module of one of these names. */
export const isWithin = (name: string, modules: readonly string[]): boolean =>
  modules.some((module) => `.${name}.`.includes(`.${module}.`))

interface TargetContext {
  /** Ends of names for an adapter that does not say. */
  readonly defaults: readonly string[] | undefined
  /** Modules that are trained whole, which are no targets. */
  readonly saved: readonly string[]
  /** Whether a file says so, whose tensors tell what is missing: PEFT writes names that fit nothing beside others. */
  readonly isFile: boolean
}

/**
 * The modules that an adapter is for.
 *
 * @throws ArgumentError where nothing fits, with the names that there are.
 */
export function targetModules(
  where: string,
  modules: readonly ModelModule[],
  { targets, exclude, layers, layersPattern }: Targets,
  { defaults, saved, isFile }: TargetContext,
): readonly ModelModule[] {
  const wanted = targets ?? defaults
  if (wanted === undefined) {
    throw new ArgumentError({
      where: `${where}: targets`,
      expected: 'names of modules, since none are agreed on for this architecture',
      received: 'none',
      fix: `There are ${endsOf(modules)}. Or write targets: 'all-linear'.`,
    })
  }
  const isAll = typeof wanted === 'string' && wanted.toLowerCase() === 'all-linear'
  if (typeof wanted === 'string' && !isAll) checkPattern(`${where}: targets`, wanted)
  if (typeof exclude === 'string') checkPattern(`${where}: exclude`, exclude)
  const candidates = modules.filter(
    (module) =>
      !module.names.some((name) => isWithin(name, saved)) &&
      !(exclude !== undefined && isNamed(module, exclude)) &&
      (typeof wanted === 'string' || isInLayers(module, wanted, layers, layersPattern)),
  )
  const found = candidates.filter((module) =>
    isAll ? module.kind === 'dense' && !module.isHead : isNamed(module, wanted),
  )
  // Each name has to mean something, or a misspelt one would go unnoticed beside others.
  const idle =
    typeof wanted === 'string'
      ? found.length === 0
        ? [wanted]
        : []
      : wanted.filter((one) => !found.some((module) => isNamed(module, [one])))
  if (found.length > 0 && (isFile || targets === undefined)) return found
  if (found.length > 0 && idle.length === 0) return found
  const ends = modules.flatMap(({ names }) => names.map((name) => name.split('.').at(-1) as string))
  const near = nearestName(idle[0] ?? '', ends)
  throw new ArgumentError({
    where: `${where}: targets`,
    expected: 'names that fit modules of the model',
    received: `${idle.map((one) => `'${one}'`).join(', ') || 'none'}, which fit${idle.length === 1 ? 's' : ''} none`,
    fix: `${near === undefined ? '' : `Did you mean '${near}'? `}There are ${endsOf(modules)}.`,
  })
}

function isInLayers(
  { names }: ModelModule,
  wanted: readonly string[],
  layers: readonly number[] | undefined,
  pattern: string | undefined,
): boolean {
  // A whole name says which block it means.
  if (layers === undefined || layers.length === 0 || names.some((name) => wanted.includes(name))) return true
  const number = new RegExp(
    pattern === undefined ? '^.*?\\.[^.]*\\.(\\d+)\\.' : `^(?:.*?\\.)?${pattern}\\.(\\d+)\\.`,
  )
  return names.some((name) => {
    const found = number.exec(name)
    return found !== null && layers.includes(Number(found[1]))
  })
}

/** The last parts of all names, each once, for a reader to choose from. */
const endsOf = (modules: readonly ModelModule[]): string =>
  [...new Set(modules.map(({ name }) => name.split('.').at(-1)))].map((end) => `'${end}'`).join(', ')

export const targetsToPeft = ({
  targets,
  exclude,
  layers,
  layersPattern,
  modulesToSave,
}: Targets): RawConfig => ({
  target_modules: targets ?? null,
  exclude_modules: exclude ?? null,
  layers_to_transform: layers ?? null,
  layers_pattern: layersPattern ?? null,
  modules_to_save: modulesToSave ?? null,
})

export function targetsFromPeft(reader: ConfigReader): Targets {
  const named = (name: string): string | readonly string[] | undefined => {
    const value = reader.raw[name]
    if (value == null) return undefined
    return typeof value === 'string' ? reader.string(name) : reader.strings(name)
  }
  const layers = reader.raw.layers_to_transform
  const pattern = named('layers_pattern')
  const [targets, exclude] = [named('target_modules'), named('exclude_modules')]
  return {
    ...(targets !== undefined && { targets }),
    ...(exclude !== undefined && { exclude }),
    ...(layers != null && {
      layers: typeof layers === 'number' ? [layers] : reader.numbers('layers_to_transform'),
    }),
    ...(pattern !== undefined &&
      pattern.length > 0 && {
        layersPattern: typeof pattern === 'string' ? pattern : `(?:${pattern.join('|')})`,
      }),
    modulesToSave: reader.strings('modules_to_save', []),
  }
}
