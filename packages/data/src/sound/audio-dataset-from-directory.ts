import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, checkOptions, DataError, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { DirectorySource } from '../labelled/directory-of-files.ts'
import { directoryDataset, type FileDataset, type FileKind } from '../labelled/file-dataset.ts'
import { openDirectory } from '../labelled/open-directory.ts'
import { type DirectoryOptions, directoryChecks, type Unlabelled } from '../labelled/options.ts'
import { readBytes } from '../labelled/read-bytes.ts'
import { decodeSound } from './decode-sound.ts'
import { resample } from './resample.ts'
import { toMono } from './sound.ts'

export interface AudioDirectoryOptions extends DirectoryOptions {
  /** Samples a second that all come to; null for each file's own. Default null. */
  readonly samplingRate?: number | null
  /** Samples that all come to, cut off or followed by silence; null for none. Default null: as the longest of its batch. */
  readonly outputSequenceLength?: number | null
  /** Whether sounds keep their lengths: a batch is then an array of tensors. Default false. */
  readonly ragged?: boolean
  /** Whether channels become one, their mean. Default false. */
  readonly mono?: boolean
}

const audioChecks = optionsOf<AudioDirectoryOptions>()({
  samplingRate: checks.orNull(checks.count),
  outputSequenceLength: checks.orNull(checks.count),
  ragged: checks.boolean,
  mono: checks.boolean,
  ...directoryChecks,
})

const where = 'audioDatasetFromDirectory'

/** Keras's, and those that it does not read. */
const formats = ['.wav', '.flac', '.mp3', '.ogg', '.opus']

interface Samples {
  readonly path: string
  readonly channels: readonly Float32Array[]
}

/** Samples of several sounds, those of a moment side by side: (sounds, length, channels). */
function stacked(sounds: readonly Samples[]): Tensor {
  const count = (sounds[0] as Samples).channels.length
  const odd = sounds.find(({ channels }) => channels.length !== count)
  if (odd !== undefined)
    throw new DataError({
      where: `${where}: ${odd.path}`,
      expected: `${count} channels, as ${sounds[0]?.path} has`,
      received: `${odd.channels.length}`,
      fix: 'Make all of them one: mono: true.',
    })
  const length = sounds.reduce((most, { channels }) => Math.max(most, channels[0]?.length ?? 0), 0)
  const data = new Float32Array(sounds.length * length * count)
  for (const [i, { channels }] of sounds.entries())
    for (const [c, channel] of channels.entries())
      for (let t = 0; t < channel.length; t++) data[(i * length + t) * count + c] = channel[t] as number
  return tensor(data).reshape([sounds.length, length, count])
}

function withLength(samples: Float32Array, length: number | null): Float32Array {
  if (length === null || samples.length === length) return samples
  const changed = new Float32Array(length)
  changed.set(samples.subarray(0, length))
  return changed
}

function soundKind(options: AudioDirectoryOptions): FileKind<Samples, Tensor | readonly Tensor[]> {
  const { samplingRate = null, outputSequenceLength = null, ragged = false, mono = false } = options
  return {
    async load(file) {
      const sound = await decodeSound(file.path, await readBytes(file))
      const channels = mono ? [toMono(sound).data] : sound.channels
      const rate = samplingRate ?? sound.samplingRate
      return {
        path: file.path,
        channels: channels.map((channel) =>
          withLength(resample(channel, sound.samplingRate, rate), outputSequenceLength),
        ),
      }
    },
    batch: (sounds) => (ragged ? sounds.map((sound) => stacked([sound]).squeeze(0)) : stacked(sounds)),
    single: (sound) => stacked([sound]).squeeze(0),
    parallel: 4,
    isDamage: (error) => error instanceof FormatError,
  }
}

/**
 * Sounds whose folders are classes, as Keras's `audio_dataset_from_directory`: batches `[sounds, labels]`, or sounds alone where
 * there are no labels, float32 (batch, samples, channels) from −1 to 1; shorter ones are followed by silence. Which file has which
 * label, their order and which are held back for validation are Keras's, for the same seed.
 *
 * WAV as in Keras, and FLAC, MP3, Ogg Vorbis and Ogg Opus. `samplingRate` is that of {@link resample}; `outputSequenceLength` counts
 * the samples that come out of it (Keras's, those that go in).
 *
 * @param directory the path of a folder; in a browser its handle, or an array of the `File`s in it.
 * @throws ArgumentError for a folder or class that there is not and options that contradict each other; DataError where there are no
 * files, and for sounds of one batch with unlike channels; while reading FormatError, by the file's name, for what is no sound, is
 * cut, or has no samples (see `corrupt`).
 * @example
 * const sounds = await audioDatasetFromDirectory('letters', { samplingRate: 16_000, outputSequenceLength: 16_000, mono: true })
 */
export function audioDatasetFromDirectory(
  directory: DirectorySource,
  options: AudioDirectoryOptions & { readonly subset: 'both' },
): Promise<[FileDataset<[Tensor, Tensor]>, FileDataset<[Tensor, Tensor]>]>
export function audioDatasetFromDirectory(
  directory: DirectorySource,
  options: AudioDirectoryOptions & Unlabelled,
): Promise<FileDataset<Tensor>>
export function audioDatasetFromDirectory(
  directory: DirectorySource,
  options: AudioDirectoryOptions & { readonly ragged: true },
): Promise<FileDataset<[readonly Tensor[], Tensor]>>
export function audioDatasetFromDirectory(
  directory: DirectorySource,
  options?: AudioDirectoryOptions,
): Promise<FileDataset<[Tensor, Tensor]>>
export async function audioDatasetFromDirectory(
  directory: DirectorySource,
  options: AudioDirectoryOptions = {},
): Promise<unknown> {
  checkOptions(where, options, audioChecks)
  if (options.ragged === true && (options.outputSequenceLength ?? null) !== null)
    throw new ArgumentError({
      where,
      expected: 'one of ragged and outputSequenceLength',
      received: 'both',
    })
  const all = await openDirectory(where, directory, formats, options)
  return directoryDataset(where, all, () => soundKind(options), options)
}
