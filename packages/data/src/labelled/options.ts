/**
 * `labelled/`: files of one kind, in folders that are classes or in lists, with their labels, as a data set of typegrad. It
 * knows where files are and what their labels are; `images/`, `sound/` and `texts/` know what is in them.
 */
import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'

/** How labels come: class numbers (batch), rows of zeros with a one (batch, classes), 0 and 1 (batch, 1), or not at all. */
export type LabelMode = 'int' | 'categorical' | 'binary'

/** Which part of what was split off is wanted. */
export type Subset = 'training' | 'validation' | 'both'

/** A file that could not be used, and why. */
export interface SkippedFile {
  readonly path: string
  readonly error: Error
}

/** What reads files into a data set, whatever is in them. */
export interface ReadingOptions {
  /** Samples of a batch; null for single samples. Default 32. */
  readonly batchSize?: number | null
  /** Whether files come in another order in each reading. Default true. */
  readonly shuffle?: boolean
  /** Makes all that is random a function of this number, below 2³². Default 0. */
  readonly seed?: number
  /** Whether a file that is damaged ends the reading with an error that names it, or is left out. Default `'refuse'`. */
  readonly corrupt?: 'refuse' | 'skip'
  /** Is told of each file that is left out. Default: nobody is. */
  readonly onSkip?: (file: SkippedFile) => void
  /** Files that are read at a time. Default as many as there are processors. */
  readonly parallel?: number
  /** Batches (without batches: samples) that are made ahead while others are used. Default 2. */
  readonly prefetch?: number
}

/** What finds files and their labels in a folder. */
export interface DirectoryOptions extends ReadingOptions {
  /**
   * `'inferred'`: the names of the folder's folders are classes. Or a whole number for each file, in the order of their paths;
   * or null for none. Default `'inferred'`.
   */
  readonly labels?: 'inferred' | readonly number[] | null
  /** How labels come; null for not at all. Default `'int'`. */
  readonly labelMode?: LabelMode | null
  /** Classes in the order of their numbers, which may leave folders out. Default all folders by their names. */
  readonly classNames?: readonly string[]
  /** The share of files that is held back for validation. Default: nothing is. */
  readonly validationSplit?: number
  /** Which part is given: with `'both'` an array of the two. */
  readonly subset?: Subset
  /** Whether folders that are links are entered. Default false. */
  readonly followLinks?: boolean
}

/** Options by which there are no labels. */
export type Unlabelled = { readonly labelMode: null } | { readonly labels: null }

export const labelModeCheck = checks.orNull(checks.oneOf('int', 'categorical', 'binary'))

export const readingChecks = optionsOf<ReadingOptions>()({
  batchSize: checks.orNull(checks.count),
  shuffle: checks.boolean,
  seed: checks.wholeFrom(0),
  corrupt: checks.oneOf('refuse', 'skip'),
  onSkip: checks.func,
  parallel: checks.count,
  prefetch: checks.wholeFrom(0),
})

export const directoryChecks = optionsOf<DirectoryOptions>()({
  ...readingChecks,
  labels: checks.anything,
  labelMode: labelModeCheck,
  classNames: checks.list,
  validationSplit: checks.finite,
  subset: checks.oneOf('training', 'validation', 'both'),
  followLinks: checks.boolean,
})

const isClassNumber = (label: unknown): boolean => Number.isInteger(label) && (label as number) >= 0

/** What the options of a directory say together. @throws ArgumentError for what contradicts itself. */
export function checkDirectoryOptions(where: string, options: DirectoryOptions): void {
  const { labels = 'inferred', classNames, validationSplit, subset, seed = 0 } = options
  const isList = Array.isArray(labels)
  if (labels !== 'inferred' && labels !== null && !(isList && labels.every(isClassNumber)))
    throw new ArgumentError({
      where: `${where}: labels`,
      expected: "'inferred', null, or an array with a whole number of at least 0 for each file",
      received: isList ? String(labels.find((label) => !isClassNumber(label))) : JSON.stringify(labels),
    })
  if (classNames !== undefined && (labels !== 'inferred' || options.labelMode === null))
    throw new ArgumentError({
      where: `${where}: classNames`,
      expected: "classNames only with labels: 'inferred', whose order they say",
      received: labels === 'inferred' ? 'labelMode: null' : `labels: ${isList ? 'an array' : String(labels)}`,
      fix: 'Leave classNames out.',
    })
  if (seed >= 2 ** 32)
    throw new ArgumentError({
      where: `${where}: seed`,
      expected: 'a whole number below 2³²',
      received: `${seed}`,
    })
  if ((validationSplit === undefined) !== (subset === undefined))
    throw new ArgumentError({
      where: `${where}: ${subset === undefined ? 'subset' : 'validationSplit'}`,
      expected: 'validationSplit and subset together',
      received: subset === undefined ? 'validationSplit alone' : 'subset alone',
      fix: "Write for example validationSplit: 0.2, subset: 'both'.",
    })
  if (validationSplit !== undefined && !(validationSplit > 0 && validationSplit < 1))
    throw new ArgumentError({
      where: `${where}: validationSplit`,
      expected: 'a number above 0 and below 1',
      received: String(validationSplit),
    })
}
