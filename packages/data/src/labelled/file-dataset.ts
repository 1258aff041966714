import { Dataset, type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { FoundFile, LabelledFiles } from './labelled-files.ts'
import { subsetOf } from './labelled-files.ts'
import type { DirectoryOptions, LabelMode, ReadingOptions, SkippedFile } from './options.ts'

/** A data set that says which files and classes it was made of. */
export type FileDataset<T> = Dataset<T> & {
  /** Classes in the order of their numbers; null without labels. */
  readonly classNames: readonly string[] | null
  /** Files in the order in which readings that are not shuffled give them. */
  readonly filePaths: readonly string[]
}

/** What random changes of a file follow from, beside the seed. */
interface PlaceKeys {
  /** Which element of the reading it is. */
  readonly index: number
  /** Which file of all. */
  readonly position: number
  /** Another number in each reading. */
  readonly turn: number
}

/** How files of one kind become samples and batches. */
export interface FileKind<X, B> {
  readonly load: (file: FoundFile, keys: PlaceKeys) => Promise<X>
  /** Whether `load` changes files at random. */
  readonly isRandom?: boolean
  readonly batch: (samples: readonly X[]) => B
  /** A sample without a batch. */
  readonly single: (sample: X) => B
  /** Files that are read at a time, where options do not say. */
  readonly parallel: number
  /** Whether an error of `load` tells of a damaged file, and not of options that are wrong. */
  readonly isDamage: (error: unknown) => boolean
}

interface Sample<X> {
  readonly value: X
  readonly label: number
}

const skipped = Symbol('skipped')

/** Labels of a batch in the form that is wanted. */
export function labelTensor(labels: readonly number[], mode: LabelMode, classCount: number): Tensor {
  if (mode === 'int') return tensor(Int32Array.from(labels))
  if (mode === 'binary') return tensor(Float32Array.from(labels)).reshape([labels.length, 1])
  const rows = new Float32Array(labels.length * classCount)
  for (const [i, label] of labels.entries()) rows[i * classCount + label] = 1
  return tensor(rows).reshape([labels.length, classCount])
}

/** @throws ArgumentError for labels that a mode cannot say. */
export function checkLabels(where: string, { labels, classNames }: LabelledFiles, mode: LabelMode): void {
  if (labels === null || classNames === null) return
  if (mode === 'binary' && (classNames.length !== 2 || labels.some((label) => label > 1)))
    throw new ArgumentError({
      where: `${where}: labelMode`,
      expected: "exactly two classes, 0 and 1, for labelMode: 'binary'",
      received: `${classNames.length}: ${classNames.join(', ')}`,
    })
  const beyond = labels.find((label) => label >= classNames.length)
  if (mode === 'categorical' && beyond !== undefined)
    throw new ArgumentError({
      where: `${where}: labels`,
      expected: `numbers below ${classNames.length}, as many classes as there are, for labelMode: 'categorical'`,
      received: String(beyond),
    })
}

/**
 * Files as a data set: in order or mixed, read several at a time, with labels, in batches made ahead. Everything that is
 * random follows from the seed and the element's place, so that a reading can be gone on with.
 */
export function fileDataset<X, B>(
  { files, labels, classNames }: LabelledFiles,
  labelMode: LabelMode | null,
  kind: FileKind<X, B>,
  options: ReadingOptions,
  isMixed: boolean,
): FileDataset<B | [B, Tensor]> {
  const { batchSize = 32, seed = 0, corrupt = 'refuse', onSkip, prefetch = 2 } = options
  const load = async (
    [position, turn]: readonly [number, number],
    index: number,
  ): Promise<Sample<X> | typeof skipped> => {
    const file = files[position] as FoundFile
    try {
      return { value: await kind.load(file, { index, position, turn }), label: labels?.[position] ?? 0 }
    } catch (error) {
      if (corrupt === 'refuse' || !kind.isDamage(error)) throw error
      onSkip?.({ path: file.path, error: error as SkippedFile['error'] })
      return skipped
    }
  }
  const isLabelled = labels !== null && labelMode !== null
  const classCount = classNames?.length ?? 0
  const places = Dataset.fromAsyncIterable(Array.from(files.keys()))
  const ordered = isMixed ? places.shuffle(Math.max(1, files.length), { seed }) : places
  // The order of these numbers is another one in each reading, and a state of the reading knows which.
  const turns = Dataset.fromAsyncIterable(Array.from({ length: Math.max(1024, files.length) }, (_, i) => i))
  const placed = kind.isRandom
    ? Dataset.zip(ordered, turns.shuffle(Math.max(1024, files.length), { seed: seed + 1 }))
    : ordered.map((position): [number, number] => [position, 0])
  const loaded = placed.map(load, { numParallelCalls: options.parallel ?? kind.parallel })
  // Without this stage a reading that is gone on with does not look at files that it passes over.
  const samples = corrupt === 'skip' ? loaded.filter((sample) => sample !== skipped) : loaded
  const whole = samples as Dataset<Sample<X>>
  const given =
    batchSize === null
      ? whole.map(({ value, label }): B | [B, Tensor] => {
          const single = kind.single(value)
          if (!isLabelled) return single
          const one = labelTensor([label], labelMode, classCount)
          return [single, one.squeeze(0)]
        })
      : whole.chunk(batchSize).map((batch): B | [B, Tensor] => {
          const values = kind.batch(batch.map(({ value }) => value))
          if (!isLabelled) return values
          const classes = batch.map(({ label }) => label)
          return [values, labelTensor(classes, labelMode, classCount)]
        })
  const ahead = prefetch === 0 ? given : given.prefetch(prefetch)
  return Object.assign(ahead, { classNames, filePaths: files.map(({ path }) => path) })
}

/**
 * The data set of a folder, or the two of its parts; of these that for validation is in order.
 *
 * @param kindOf what is read otherwise for training than for validation.
 */
export function directoryDataset<X, B>(
  where: string,
  all: LabelledFiles,
  kindOf: (isTraining: boolean) => FileKind<X, B>,
  options: DirectoryOptions,
): FileDataset<B | [B, Tensor]> | [FileDataset<B | [B, Tensor]>, FileDataset<B | [B, Tensor]>] {
  const { labelMode = 'int', validationSplit, subset, shuffle = true } = options
  if (labelMode !== null) checkLabels(where, all, labelMode)
  const part = (name: 'training' | 'validation' | undefined, isMixed: boolean) => {
    const kind = kindOf(name !== 'validation')
    return fileDataset(subsetOf(where, all, validationSplit, name), labelMode, kind, options, isMixed)
  }
  if (subset === 'both') return [part('training', shuffle), part('validation', false)]
  return part(subset, shuffle)
}
