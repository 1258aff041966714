import { checkOptions, optionsOf } from 'typegrad/core'
import type { ConfigReader, RawConfig } from '../base/config.ts'
import { nameList, type Targets, targetChecks, targetsFromPeft, targetsToPeft } from './targets.ts'

export interface Ia3Options extends Omit<Targets, 'layers' | 'layersPattern'> {
  /**
   * Which of the targets are feed-forward modules, whose inputs are scaled instead of their outputs: ends of names, or a
   * regular expression of whole names. Default: those of the paper for the architecture.
   */
  readonly feedForward?: string | readonly string[]
}

/** What {@link ia3} makes. */
export interface Ia3Config extends Ia3Options {
  readonly kind: 'ia3'
}

const { layers: _, layersPattern: __, ...ownTargetChecks } = targetChecks
const ia3Checks = optionsOf<Ia3Options>()({ feedForward: nameList, ...ownTargetChecks })

/**
 * (IA)³: keys, values and what feed-forward parts make inside are multiplied with vectors that are learnt; all weights
 * stay. A description for `addAdapter`. It trains about 0.01 % of a model's numbers.
 *
 * Liu et al. 2022, https://arxiv.org/abs/2205.05638
 *
 * @throws ArgumentError for options that are none.
 * @example
 * addAdapter(model, ia3())
 */
export function ia3(options: Ia3Options = {}): Ia3Config {
  checkOptions('ia3', options, ia3Checks)
  return { kind: 'ia3', ...options }
}

/** PEFT's words for it. */
export const ia3ToPeft = (config: Ia3Config): RawConfig => ({
  peft_type: 'IA3',
  feedforward_modules: config.feedForward ?? [],
  init_ia3_weights: true,
  ...targetsToPeft(config),
})

export const ia3FromPeft = (reader: ConfigReader): Ia3Config =>
  ia3({
    ...targetsFromPeft(reader),
    feedForward:
      typeof reader.raw.feedforward_modules === 'string'
        ? reader.raw.feedforward_modules
        : reader.strings('feedforward_modules', []),
  })
