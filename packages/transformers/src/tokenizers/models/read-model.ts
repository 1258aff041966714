import type { ConfigReader } from '../../base/config.ts'
import { partOf } from '../normalizers.ts'
import { bytePairEncoding } from './bpe.ts'
import type { TokenModel } from './model.ts'
import { unigram } from './unigram.ts'
import { wordLevel, wordPiece } from './word-piece.ts'

const models: Readonly<Record<string, (config: ConfigReader) => TokenModel>> = {
  BPE: bytePairEncoding,
  WordPiece: wordPiece,
  WordLevel: wordLevel,
  Unigram: unigram,
}

/** What a model without a `type`, of an older file, is by its entries. */
const typeOf = (config: ConfigReader): string =>
  'merges' in config.raw ? 'BPE' : Array.isArray(config.raw.vocab) ? 'Unigram' : 'WordPiece'

/** Makes the model of a `tokenizer.json`. */
export function readModel(config: ConfigReader): TokenModel {
  if (config.raw.type === undefined)
    return (models[typeOf(config)] as (config: ConfigReader) => TokenModel)(config)
  return partOf(config, 'a model', models)(config)
}
