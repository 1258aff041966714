import { ArgumentError, nearestName } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import type { Network } from '../layers/network.ts'
import type { Architecture } from './architecture.ts'
import { bart, mbart } from './bart.ts'
import { bert } from './bert.ts'
import { clip, clipText, clipVision } from './clip.ts'
import { debertaV2 } from './deberta-v2.ts'
import { dinov2 } from './dinov2.ts'
import { distilbert } from './distilbert.ts'
import { gptNeoX } from './gpt-neox.ts'
import { gpt2 } from './gpt2.ts'
import { llamaFamily } from './llama.ts'
import { marian } from './marian.ts'
import { modernbert } from './modernbert.ts'
import { mpnet } from './mpnet.ts'
import { roberta, xlmRoberta } from './roberta.ts'
import { mt5, t5 } from './t5.ts'
import { transformer } from './transformer.ts'
import { vit } from './vit.ts'
import { wav2vec2 } from './wav2vec2.ts'
import { whisper } from './whisper.ts'

const known = new Map<string, Architecture>()

/**
 * Makes an architecture known, so that `fromPretrained` finds it by the `model_type` of a `config.json`.
 *
 * @throws ArgumentError where another one has the same name.
 */
export function registerArchitecture(architecture: Architecture): void {
  const { modelType } = architecture
  if (known.has(modelType)) {
    throw new ArgumentError({
      where: 'registerArchitecture',
      expected: `a model type that is not known yet`,
      received: `'${modelType}'`,
    })
  }
  known.set(modelType, architecture)
}

/** Decoders, encoders, encoder–decoders; pictures and sounds. */
const all: readonly Architecture[] = [
  ...[gpt2, gptNeoX, ...llamaFamily],
  ...[bert, roberta, xlmRoberta, distilbert, mpnet, modernbert, debertaV2],
  ...[t5, mt5, bart, mbart, marian, transformer],
  ...[vit, dinov2, clip, clipText, clipVision, whisper, wav2vec2],
]
for (const architecture of all) registerArchitecture(architecture)

/** The model types that are known. */
export const architectureNames = (): readonly string[] => [...known.keys()]

/**
 * The architecture that a configuration names.
 *
 * @throws ArgumentError for one that is not known, with the nearest that is.
 */
export function architectureOf(config: RawConfig): Architecture {
  const modelType = new ConfigReader(config).string('model_type')
  const found = known.get(modelType)
  if (found !== undefined) return found
  const near = nearestName(modelType, known.keys())
  throw new ArgumentError({
    where: 'config.json: model_type',
    expected: `an architecture that is known (${[...known.keys()].join(', ')})`,
    received: `'${modelType}'`,
    fix: `${near === undefined ? '' : `The nearest is '${near}'. `}One of your own is added by registerArchitecture({ modelType, networks, checkpoint }).`,
  })
}

/**
 * The network of a configuration, not loaded.
 *
 * @param className Hugging Face's class. Default: the first of the configuration's `architectures`.
 * @throws ArgumentError for a class that the architecture does not have; FormatError for entries that are none.
 */
export function networkOf(
  config: RawConfig,
  className?: string,
): { architecture: Architecture; className: string; network: Network } {
  const architecture = architectureOf(config)
  const reader = new ConfigReader(config)
  const names = Object.keys(architecture.networks)
  const wanted = className ?? reader.strings('architectures', [names[0] as string])[0] ?? (names[0] as string)
  const make = architecture.networks[wanted]
  if (make === undefined) {
    throw new ArgumentError({
      where: `fromPretrained: ${architecture.modelType}`,
      expected: `one of its networks (${names.join(', ')})`,
      received: `'${wanted}'`,
    })
  }
  return { architecture, className: wanted, network: make(reader) }
}
