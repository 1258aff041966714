import { boolean, number, optionsOf, string } from '../base/options.ts'
import type { ZipLimits } from '../formats/zip.ts'

export interface LoadOptions {
  /** Whether the optimizer, loss and metrics are made again too. Default true. */
  readonly compile?: boolean
}

export const loadChecks = optionsOf<LoadOptions>()({ compile: boolean })

export interface ReadKerasOptions extends LoadOptions, ZipLimits {
  /** What errors call the file. Default `'model.keras'`. */
  readonly name?: string
}

export const readKerasChecks = optionsOf<ReadKerasOptions>()({
  ...loadChecks,
  name: string,
  maxBytes: number,
  maxRatio: number,
})
