import type { Tensor } from 'typegrad'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { type Fault, packRows } from './scored-texts.ts'

/** Lengths are filled up to multiples of this, so that few programs are compiled. */
const step = 8

/** Texts for a model that gives one number for each. */
export class ClassifiedTexts {
  /** How many tokens the model reads; infinite where its configuration does not say. */
  readonly positions: number
  /** What texts are filled up with: a decoder's head finds the last token by it. */
  readonly #padding: number

  constructor({ config }: PretrainedModel) {
    const { pad_token_id: padding, max_position_embeddings, n_positions } = config
    const positions = max_position_embeddings ?? n_positions
    this.positions = typeof positions === 'number' ? positions : Number.POSITIVE_INFINITY
    this.#padding = typeof padding === 'number' ? padding : 0
  }

  /** Those of texts that are too long. */
  faultsOf(of: string, texts: readonly TokenIds[]): Fault[] {
    const longest = Math.max(...texts.map(({ length }) => length))
    return longest > this.positions ? [{ of, what: `${longest} tokens` }] : []
  }

  /** Texts as rows of one length, filled up behind: (…, length) each. */
  pack(
    texts: readonly TokenIds[],
    shape: readonly number[],
  ): { readonly ids: Tensor; readonly mask: Tensor } {
    const longest = Math.max(...texts.map(({ length }) => length))
    const length = Math.max(longest, Math.min(this.positions, Math.ceil(longest / step) * step))
    const fill = (text: TokenIds) => new Array<number>(length - text.length).fill(this.#padding)
    return {
      ids: packRows(
        texts.map((text) => [...text, ...fill(text)]),
        [...shape, length],
        'int32',
      ),
      mask: packRows(
        texts.map((text) => text.map(() => 1)),
        [...shape, length],
        'int32',
      ),
    }
  }
}
