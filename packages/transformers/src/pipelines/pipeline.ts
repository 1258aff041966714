import { ArgumentError, nearestName } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type FromPretrainedOptions, fromPretrained, modelFolder } from '../checkpoint/from-pretrained.ts'
import { checkVocabulary } from '../checkpoint/vocabulary.ts'
import { loadSentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { architectureOf } from '../models/registry.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type FeatureExtractor, featureExtraction } from './feature-extraction.ts'
import { fillMask, type MaskFiller } from './fill-mask.ts'
import { pretrainedOf, type TextParts } from './parts.ts'
import { type QuestionAnswerer, questionAnswering } from './question-answering.ts'
import { type Summarizer, summarization, type Translator, translation } from './rewriting.ts'
import { type TextClassifier, textClassification } from './text-classification.ts'
import { type TextGenerator, textGeneration } from './text-generation.ts'
import { type TokenClassifier, tokenClassification } from './token-classification.ts'
import { type ZeroShotClassifier, zeroShotClassification } from './zero-shot-classification.ts'

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
}

export type Task = keyof Pipelines

interface TaskDefinition<P> {
  /** The classes of Hugging Face that have the head it needs; absent where an encoder without a head is asked. */
  readonly heads?: RegExp
  make(parts: TextParts): P
}

const sequences = /ForSequenceClassification$/
/** Encoder–decoders of texts. */
const rewriters = /^(?!Whisper).*(ForConditionalGeneration|MTModel)$/

const definitions: { readonly [T in Task]: TaskDefinition<Pipelines[T]> } = {
  'text-classification': { heads: sequences, make: textClassification },
  'feature-extraction': { make: featureExtraction },
  'token-classification': { heads: /ForTokenClassification$/, make: tokenClassification },
  'question-answering': { heads: /ForQuestionAnswering$/, make: questionAnswering },
  'fill-mask': { heads: /ForMaskedLM$/, make: fillMask },
  'zero-shot-classification': { heads: sequences, make: zeroShotClassification },
  'text-generation': { heads: /LMHeadModel$|ForCausalLM$/, make: textGeneration },
  translation: { heads: rewriters, make: translation },
  summarization: { heads: rewriters, make: summarization },
}

const taskNames = Object.keys(definitions) as readonly Task[]

/**
 * A task from its input to its result, called like a function.
 *
 * @param task its name, as Hugging Face has it.
 * @param source a folder on this machine, the name of a model of the hub (see `fromPretrained`), or a model and its
 * tokenizer, ready-made.
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
  source: string | TextParts,
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
  const definition = definitions[task]
  const parts = typeof source === 'string' ? await loaded(task, source, options) : checkedParts(source)
  const base = pretrainedOf(parts.model)
  checkHead(task, base.network.className)
  checkVocabulary(base, parts.tokenizer.largestId + 1)
  return definition.make(parts)
}

/** @throws ArgumentError for what is no pair of a model and a tokenizer. */
function checkedParts(parts: TextParts): TextParts {
  const given: Partial<TextParts> = typeof parts === 'object' && parts !== null ? parts : {}
  if (given.model?.network !== undefined && given.tokenizer instanceof Tokenizer) return parts
  throw new ArgumentError({
    where: 'pipeline',
    expected: "a folder, a hub's model, or { model, tokenizer }",
    received: `an object with ${Object.keys(given).join(', ') || 'nothing'}`,
  })
}

async function loaded(task: Task, source: string, options: FromPretrainedOptions): Promise<TextParts> {
  const { className, dtype: _, strict: __, ...fetching } = options
  const folder = await modelFolder(source, fetching)
  const { loadTokenizer } = await import('../tokenizers/load-tokenizer.node.ts')
  const { hasFile, localFolder } = await import('../checkpoint/local-folder.node.ts')
  if (task === 'feature-extraction' && (await hasFile(folder, 'modules.json'))) {
    const model = await loadSentenceEncoder(folder)
    return { model, tokenizer: await loadTokenizer(folder) }
  }
  const config = await localFolder(folder).config()
  const chosen = className ?? classFor(task, config)
  const tokenizer = await loadTokenizer(folder)
  return { model: await fromPretrained(folder, { ...options, className: chosen }), tokenizer }
}

/** The class of a configuration that a task loads: its own, or the network without a head. */
function classFor(task: Task, config: RawConfig): string {
  const names = Object.keys(architectureOf(config).networks)
  const { heads } = definitions[task]
  if (heads === undefined) return names[0] as string
  const own = new ConfigReader(config).strings(
    'architectures',
    names.filter((name) => heads.test(name)),
  )[0]
  checkHead(task, own ?? (names[0] as string))
  return own as string
}

/** @throws ArgumentError for a network without the head that a task needs. */
function checkHead(task: Task, className: string): void {
  const { heads } = definitions[task]
  if (heads === undefined || heads.test(className)) return
  const able = taskNames.filter((name) => definitions[name].heads?.test(className) ?? true)
  throw new ArgumentError({
    where: `pipeline: ${task}`,
    expected: `a network whose name ends on ${heads.source.replaceAll('$', '').replaceAll('|', ' or ')}`,
    received: className,
    fix: `It can do ${able.map((name) => `'${name}'`).join(', ')}.`,
  })
}
