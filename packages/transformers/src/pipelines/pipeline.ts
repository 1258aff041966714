import { ArgumentError, nearestName } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type FromPretrainedOptions, fromPretrained } from '../checkpoint/from-pretrained.ts'
import { folderOf } from '../checkpoint/model-folder.ts'
import { loadSentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { architectureOf } from '../models/registry.ts'
import { processorFromPretrained } from '../processors/from-pretrained.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import { checkVocabulary, type Tokenizer } from '../tokenizers/tokenizer.ts'
import { ctcTokenizer } from './ctc-tokenizer.ts'
import { type FeatureExtractor, featureExtraction } from './feature-extraction.ts'
import { fillMask, type MaskFiller } from './fill-mask.ts'
import { type ImageClassifier, imageClassification } from './image-classification.ts'
import { type ImageFeatureExtractor, imageFeatureExtraction } from './image-feature-extraction.ts'
import { type PipelineParts, pictureParts, pretrainedOf, type TextParts, textParts } from './parts.ts'
import { type QuestionAnswerer, questionAnswering } from './question-answering.ts'
import { type Summarizer, summarization, type Translator, translation } from './rewriting.ts'
import { type SpeechRecognizer, speechRecognition } from './speech-recognition.ts'
import { type TextClassifier, textClassification } from './text-classification.ts'
import { type TextGenerator, textGeneration } from './text-generation.ts'
import { type TokenClassifier, tokenClassification } from './token-classification.ts'
import { type ZeroShotClassifier, zeroShotClassification } from './zero-shot-classification.ts'
import {
  type ZeroShotImageClassifier,
  zeroShotImageClassification,
} from './zero-shot-image-classification.ts'

/** What `pipeline` gives, by the task's name. */
export interface Pipelines {
  readonly 'text-classification': TextClassifier
  readonly 'feature-extraction': FeatureExtractor
  readonly 'token-classification': TokenClassifier
  readonly 'question-answering': QuestionAnswerer
  readonly 'fill-mask': MaskFiller
  readonly 'zero-shot-classification': ZeroShotClassifier
  readonly 'text-generation': TextGenerator
  readonly translation: Translator
  readonly summarization: Summarizer
  readonly 'image-classification': ImageClassifier
  readonly 'image-feature-extraction': ImageFeatureExtractor
  readonly 'zero-shot-image-classification': ZeroShotImageClassifier
  readonly 'automatic-speech-recognition': SpeechRecognizer
}

export type Task = keyof Pipelines

interface TaskDefinition<P> {
  /** Hugging Face's classes of networks that have the head it needs. */
  readonly heads: RegExp
  /** What errors call them. */
  readonly named: string
  /** Whether a checkpoint's network is loaded without its head. */
  readonly body?: boolean
  /** What is needed beside the model. */
  readonly needs: readonly ('tokenizer' | 'processor')[]
  make(parts: PipelineParts): P
}

/** A task of texts, for networks whose names end on one of these. */
const ofTexts = <P>(ends: readonly string[], make: (parts: TextParts) => P): TaskDefinition<P> => ({
  heads: new RegExp(`^(?!Whisper).*(${ends.join('|')})$`),
  named: ends.map((end) => `…${end}`).join(' or '),
  needs: ['tokenizer'],
  make: (parts) => make(textParts(parts)),
})

const sequences = ['ForSequenceClassification']
/** Encoder–decoders of texts. */
const rewriters = ['ForConditionalGeneration', 'MTModel', 'Transformer']
const picturesOnly = { named: 'a network of pictures', needs: ['processor'] } as const

const definitions: { readonly [T in Task]: TaskDefinition<Pipelines[T]> } = {
  'text-classification': ofTexts(sequences, textClassification),
  'feature-extraction': {
    heads: /^(?!ViT|Dinov2|CLIP|Whisper|Wav2Vec2).*/,
    named: 'a network of texts',
    body: true,
    needs: ['tokenizer'],
    make: (parts) => featureExtraction(textParts(parts)),
  },
  'token-classification': ofTexts(['ForTokenClassification'], tokenClassification),
  'question-answering': ofTexts(['ForQuestionAnswering'], questionAnswering),
  'fill-mask': ofTexts(['ForMaskedLM'], fillMask),
  'zero-shot-classification': ofTexts(sequences, zeroShotClassification),
  'text-generation': ofTexts(['LMHeadModel', 'ForCausalLM'], textGeneration),
  translation: ofTexts(rewriters, translation),
  summarization: ofTexts(rewriters, summarization),
  'image-classification': {
    ...picturesOnly,
    heads: /ForImageClassification$/,
    make: (parts) => imageClassification(pictureParts(parts)),
  },
  'image-feature-extraction': {
    ...picturesOnly,
    heads: /^(ViT|Dinov2|CLIP(?!Text))/,
    body: true,
    make: (parts) => imageFeatureExtraction(pictureParts(parts)),
  },
  'zero-shot-image-classification': {
    heads: /^CLIPModel$/,
    named: 'CLIPModel',
    needs: ['tokenizer', 'processor'],
    make: (parts) =>
      zeroShotImageClassification({ ...pictureParts(parts), tokenizer: textParts(parts).tokenizer }),
  },
  'automatic-speech-recognition': {
    heads: /^Whisper.*ForConditionalGeneration$|ForCTC$/,
    named: 'Whisper…ForConditionalGeneration or …ForCTC',
    needs: ['tokenizer', 'processor'],
    make: speechRecognition,
  },
}

const taskNames = Object.keys(definitions) as readonly Task[]

/**
 * A task from its input to its result, called like a function.
 *
 * @param task its name, as Hugging Face has it.
 * @param source a folder on this machine, the name of a model of the hub (see `fromPretrained`), or the parts, ready-made: a model with
 * its tokenizer, its processor, or both.
 * @param options for loading, as `fromPretrained` takes them.
 * @throws ArgumentError for a task that is not known, and for a model that has another head: it says which tasks that can
 * do. As `fromPretrained` and `loadTokenizer` for folders.
 * @example
 * const classify = await pipeline('text-classification', 'models/mood')
 * const [{ label, score }] = await classify('What a film!')
 * const all = await classify(['Good.', 'Bad.'], { topK: null })
 */
export async function pipeline<T extends Task>(
  task: T,
  source: string | PipelineParts,
  options: FromPretrainedOptions = {},
): Promise<Pipelines[T]> {
  if (!taskNames.includes(task)) {
    const near = nearestName(String(task), taskNames)
    throw new ArgumentError({
      where: 'pipeline',
      expected: `a task: ${taskNames.join(', ')}`,
      received: JSON.stringify(task) ?? 'none',
      ...(near !== undefined && { fix: `The nearest is '${near}'.` }),
    })
  }
  const parts = typeof source === 'string' ? await loaded(task, source, options) : checkedParts(source)
  const base = pretrainedOf(parts.model)
  checkHead(task, base.network.className)
  const rows = new ConfigReader(base.config).optionalNumber('vocab_size')
  if (parts.tokenizer !== undefined && rows !== undefined) checkVocabulary(parts.tokenizer, rows)
  return definitions[task].make(parts)
}

/** @throws ArgumentError for what has no model. */
function checkedParts(parts: PipelineParts): PipelineParts {
  const given: Partial<PipelineParts> = typeof parts === 'object' && parts !== null ? parts : {}
  if (given.model?.network !== undefined) return parts
  throw new ArgumentError({
    where: 'pipeline',
    expected: "a folder, a hub's model, or { model, tokenizer }",
    received: `an object with ${Object.keys(given).join(', ') || 'nothing'}`,
  })
}

async function loaded(task: Task, source: string, options: FromPretrainedOptions): Promise<PipelineParts> {
  const { className, dtype: _, strict: __, ...fetching } = options
  const folder = await folderOf('pipeline', source, fetching)
  const { hasFile, localFolder } = await import('../checkpoint/local-folder.node.ts')
  const { needs } = definitions[task]
  const beside = {
    ...(needs.includes('tokenizer') && { tokenizer: await tokenizerOf(folder) }),
    ...(needs.includes('processor') && { processor: await processorFromPretrained(folder) }),
  }
  if (task === 'feature-extraction' && (await hasFile(folder, 'modules.json'))) {
    return { model: await loadSentenceEncoder(folder), ...beside }
  }
  const chosen = className ?? classFor(task, await localFolder(folder).config())
  return { model: await fromPretrained(folder, { ...options, className: chosen }), ...beside }
}

/** A folder's tokenizer; one of letters where it has a list of them alone. */
async function tokenizerOf(folder: string): Promise<Tokenizer> {
  const { hasFile } = await import('../checkpoint/local-folder.node.ts')
  const { readJson } = await import('../base/json-file.node.ts')
  const configFile = 'tokenizer_config.json'
  const isCtc =
    !(await hasFile(folder, 'tokenizer.json')) &&
    (await hasFile(folder, 'vocab.json')) &&
    (await hasFile(folder, configFile))
  if (!isCtc) return await loadTokenizer(folder)
  const config = new ConfigReader(await readJson(`${folder}/${configFile}`), configFile)
  if (!config.string('tokenizer_class', '').startsWith('Wav2Vec2')) return await loadTokenizer(folder)
  return ctcTokenizer(await readJson(`${folder}/vocab.json`), config.raw)
}

/** The class of a configuration that a task loads: its own, or the network without a head. */
function classFor(task: Task, config: RawConfig): string {
  const { heads, body = false } = definitions[task]
  const able = Object.keys(architectureOf(config).networks).filter((name) => heads.test(name))
  const own = new ConfigReader(config).strings('architectures', able)[0]
  const bare =
    able.find((name) => /VisionModelWithProjection$/.test(name)) ?? able.find((name) => /Model$/.test(name))
  if (body && bare !== undefined) return bare
  const chosen = own ?? able[0] ?? String(config.model_type)
  checkHead(task, chosen)
  return chosen
}

/** @throws ArgumentError for a network without the head that a task needs. */
function checkHead(task: Task, className: string): void {
  const { heads, named } = definitions[task]
  if (heads.test(className)) return
  const able = taskNames.filter((name) => definitions[name].heads.test(className))
  throw new ArgumentError({
    where: `pipeline: ${task}`,
    expected: named,
    received: className,
    fix:
      able.length === 0
        ? 'There is no pipeline for it.'
        : `It can do ${able.map((name) => `'${name}'`).join(', ')}.`,
  })
}
