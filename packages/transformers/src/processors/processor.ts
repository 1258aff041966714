import { ArgumentError } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { ImageProcessor, isImageProcessor } from './image-processor.ts'
import { Wav2Vec2FeatureExtractor } from './wav2vec2-feature-extractor.ts'
import { WhisperFeatureExtractor } from './whisper-feature-extractor.ts'

/** What makes inputs of a network of pictures or sounds. */
export type Processor = ImageProcessor | WhisperFeatureExtractor | Wav2Vec2FeatureExtractor

const extractors = { WhisperFeatureExtractor, Wav2Vec2FeatureExtractor } as const

const isExtractor = (type: string): type is keyof typeof extractors => type in extractors

/**
 * The processor that a `preprocessor_config.json` names by `image_processor_type` or `feature_extractor_type`.
 *
 * @throws ArgumentError for one that is not known; FormatError for entries that are none.
 * @example
 * const processor = processorOf({ feature_extractor_type: 'WhisperFeatureExtractor' })
 */
export function processorOf(config: RawConfig): Processor {
  const reader = new ConfigReader(config, 'preprocessor_config.json')
  const type = reader.string(['image_processor_type', 'feature_extractor_type'])
  if (isImageProcessor(type)) return new ImageProcessor(config)
  if (isExtractor(type)) return new extractors[type](config)
  throw new ArgumentError({
    where: 'preprocessor_config.json: image_processor_type or feature_extractor_type',
    expected: [
      'ViTImageProcessor',
      'CLIPImageProcessor',
      'BitImageProcessor',
      ...Object.keys(extractors),
    ].join(', '),
    received: `'${type}'`,
  })
}
