import { type HubOptions, hubChecks } from '@typegrad/hub/options'
import { evaluateAll, tensor } from 'typegrad'
import { checkOptions, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { storedShape } from '../checkpoint/checkpoint-plan.ts'
import { folderOf } from '../checkpoint/model-folder.ts'
import { inverseOf, type NamedWeight } from '../checkpoint/names.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { WhisperFeatureExtractor } from '../processors/whisper-feature-extractor.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { CTranslate2File } from './read-ctranslate2.node.ts'
import { multilingualWords, whisperConfig, whisperGeneration } from './whisper-config.ts'
import { type WhisperPlace, whisperPlace } from './whisper-names.ts'

export interface FromCTranslate2Options extends HubOptions {
  /** Whether the model knows several languages. Default: whether it has 51,865 words or more, as those of OpenAI's that do. */
  readonly multilingual?: boolean
}

const fromCTranslate2Checks = optionsOf<FromCTranslate2Options>()({
  multilingual: checks.boolean,
  ...hubChecks,
})

/**
 * Whisper as CTranslate2 (faster-whisper) keeps it: `model.bin` in float32, float16, bfloat16, int16 or int8, with `config.json`
 * and `tokenizer.json`. Weights become float32: what is loaded can be trained, exported and saved in Hugging Face's layout.
 *
 * @param folderOrHubId a folder, or the name of a model of the hub, such as `Systran/faster-whisper-tiny.en`.
 * @returns what `pipeline('automatic-speech-recognition', parts)` takes.
 * @throws FormatError for a folder without these files, and a file that is damaged, cut or another model's, naming all tensors
 * that are missing, too many or of another shape. Nothing is loaded then.
 * @example
 * const hear = await pipeline('automatic-speech-recognition', await whisperFromCTranslate2('models/tiny.en'))
 * const { text, chunks } = await hear(samples, { returnTimestamps: 'word' })
 */
export async function whisperFromCTranslate2(
  folderOrHubId: string,
  options: FromCTranslate2Options = {},
): Promise<{
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  readonly processor: WhisperFeatureExtractor
}> {
  const where = 'whisperFromCTranslate2'
  checkOptions(where, options, fromCTranslate2Checks)
  const { multilingual, ...fetching } = options
  const folder = await folderOf(where, folderOrHubId, fetching, 'model.bin')
  const { CTranslate2File } = await import('./read-ctranslate2.node.ts')
  const { readJson, readJsonIfAny } = await import('../base/json-file.node.ts')
  const file = await CTranslate2File.open(`${folder}/model.bin`)
  if (file.spec !== 'WhisperSpec')
    throw new FormatError({
      where: file.path,
      expected: 'WhisperSpec, a model of Whisper',
      received: file.spec,
    })
  const told = new ConfigReader(
    (await readJson(`${folder}/config.json`)) as RawConfig,
    `${folder}/config.json`,
  )
  const tokenizer = await loadTokenizer(folder)
  const config = await whisperConfig(file)
  const isMultilingual = multilingual ?? Number(config.vocab_size) >= multilingualWords
  const generation = whisperGeneration(told, tokenizer, isMultilingual)
  const processor = new WhisperFeatureExtractor({
    feature_size: config.num_mel_bins,
    ...((await readJsonIfAny(`${folder}/preprocessor_config.json`)) as object | undefined),
  })
  const { decoder_start_token_id, eos_token_id, pad_token_id } = generation
  const model = new PretrainedModel({ ...config, decoder_start_token_id, eos_token_id, pad_token_id })
  model.generationConfig = generation
  for (const place of placesOf(file, model)) await load(file, place)
  return { model, tokenizer, processor }
}

interface Place extends WhisperPlace {
  readonly weight: NamedWeight
}

/** A tensor's part for each weight. @throws FormatError naming all that does not fit. */
function placesOf(file: CTranslate2File, model: PretrainedModel): readonly Place[] {
  const faults: string[] = []
  const known = new Set(file.names)
  const left = new Set(file.names.filter((name) => /\/(weight|gamma|beta|bias|encodings)$/.test(name)))
  left.delete('decoder/projection/weight')
  const places = model.checkpointWeights.flatMap((weight): Place[] => {
    const place = whisperPlace(weight.name)
    if (place === undefined || !known.has(place.tensor)) {
      faults.push(`'${place?.tensor ?? weight.name}' is missing`)
      return []
    }
    left.delete(place.tensor)
    const [rows, ...others] = storedShape(weight)
    const shape = [(rows as number) * place.parts, ...others]
    const found = file.shape(place.tensor)
    if (String(found) !== String(shape))
      faults.push(`'${place.tensor}' is [${found.join(', ')}] in the place of [${shape.join(', ')}]`)
    return [{ ...place, weight }]
  })
  for (const name of left) faults.push(`'${name}' is for no weight`)
  if (faults.length === 0) return places
  throw new FormatError({
    where: file.path,
    expected: `tensors for the ${model.checkpointWeights.length} weights of Whisper`,
    received: [...new Set(faults)].join('; '),
  })
}

async function load(file: CTranslate2File, { weight, tensor: name, part, parts }: Place): Promise<void> {
  const whole = await file.read(name)
  const size = whole.length / parts
  const stored = tensor(whole.slice(part * size, (part + 1) * size), { shape: [...storedShape(weight)] })
  const value = weight.axes === undefined ? stored : stored.transpose(inverseOf(weight.axes))
  // One after the other, so that no more than one stands here twice.
  await evaluateAll([value])
  weight.weight.assign(value)
}
