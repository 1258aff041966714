import { Tensor } from 'typegrad'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { Wav2Vec2FeatureExtractor } from '../processors/wav2vec2-feature-extractor.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { largestAt } from './scores.ts'
import { type ChunkOptions, chunkSizes, roundHalfEven, type SoundChunk, soundChunks } from './sound-chunks.ts'
import type { TimedText } from './timed-speech.ts'

export interface SpellingParts {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  readonly processor: Wav2Vec2FeatureExtractor
}

export interface SpellingOptions extends ChunkOptions {
  /** Whether times of letters or of words are told. */
  readonly times?: 'char' | 'word' | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * wav2vec 2.0: the likeliest letter of each frame (Graves et al. 2006, "Connectionist temporal classification"). Of a long
 * sound's pieces the frames in the middle are taken, which hear what is around them, and spelled as one.
 *
 * @param where what errors say.
 */
export async function spelledSpeech(
  where: string,
  { model, tokenizer, processor }: SpellingParts,
  samples: Float32Array,
  { times, signal, ...cut }: SpellingOptions,
): Promise<{ readonly text: string; readonly chunks?: readonly TimedText[] }> {
  const { samplingRate } = processor
  const align = new ConfigReader(model.config).numbers('conv_stride', usualStrides).reduce((a, b) => a * b, 1)
  const sizes = chunkSizes(where, cut, { samplingRate, align })
  const chunks = sizes === undefined ? [{ samples, left: 0, right: 0 }] : soundChunks(samples, sizes)
  const letters: string[] = []
  for (const chunk of chunks) {
    signal?.throwIfAborted()
    const [from, to] = framesOf(chunk, align)
    const ids = (await likeliest(model, await processor.process(chunk.samples), signal)).slice(from, to)
    letters.push(...ids.flatMap((id) => tokenizer.idToToken(id) ?? []))
  }
  const text = tokenizer.tokensToText(letters).trim()
  if (times === undefined) return { text }
  const heard = timedLetters(letters, tokenizer, (frame) => (frame * align) / samplingRate)
  return { text, chunks: times === 'char' ? heard : timedWords(heard) }
}

const usualStrides = [5, 2, 2, 2, 2, 2, 2]

/** Which frames of a piece are taken. Its last frame has fewer samples than are counted for it. */
function framesOf({ samples, left, right }: SoundChunk, align: number): readonly [number, number] {
  const frames = roundHalfEven(samples.length / align)
  const framesIn = (part: number): number => roundHalfEven((part / samples.length) * frames)
  return [framesIn(left), frames - framesIn(right)]
}

/** The likeliest letter of each frame of one sound. */
async function likeliest(
  model: PretrainedModel,
  inputs: object,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const { logits } = await model.predict(
    Object.fromEntries(
      Object.entries(inputs).filter(([name]) => model.network.takes.some((one) => one.name === name)),
    ),
    { ...(signal !== undefined && { signal }) },
  )
  if (!(logits instanceof Tensor)) throw new Error('CTC has logits')
  const data = (await logits.data()) as Float32Array
  const letters = logits.shape.at(-1) as number
  return Array.from({ length: data.length / letters }, (_, frame) =>
    largestAt(data.subarray(frame * letters, (frame + 1) * letters)),
  )
}

interface TimedLetter {
  readonly text: string
  readonly timestamp: readonly [number, number]
}

/** Equal letters in a row are one; blanks are none. @param secondsAt when a frame begins. */
function timedLetters(
  letters: readonly string[],
  tokenizer: Tokenizer,
  secondsAt: (frame: number) => number,
): TimedLetter[] {
  const starts = [...letters.keys()].filter((i) => letters[i] !== letters[i - 1])
  const blank = tokenizer.specialTokens.pad_token ?? '<pad>'
  return starts.flatMap((start, i): TimedLetter[] => {
    const letter = letters[start] as string
    if (letter === blank) return []
    const stop = starts[i + 1] ?? letters.length
    return [{ text: tokenizer.tokensToText([letter]), timestamp: [secondsAt(start), secondsAt(stop)] }]
  })
}

/** Letters between spaces. */
function timedWords(letters: readonly TimedLetter[]): readonly TimedText[] {
  const words: TimedLetter[][] = [[]]
  for (const letter of letters) {
    if (letter.text === ' ') words.push([])
    else words.at(-1)?.push(letter)
  }
  return words.flatMap((word): TimedText[] => {
    const [first, last] = [word[0], word.at(-1)]
    if (first === undefined || last === undefined) return []
    return [
      {
        text: word.map(({ text }) => text).join(''),
        timestamp: [first.timestamp[0], last.timestamp[1]],
      },
    ]
  })
}
