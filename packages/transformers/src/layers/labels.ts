import type { ConfigReader } from '../base/config.ts'

/** The label that losses leave out, as in PyTorch and Hugging Face. */
export const ignoredLabel = -100

/** The names of a configuration's classes, in their order: `LABEL_0`, … where it has none; 2 where it says nothing. */
export function labelsOf(config: ConfigReader): readonly string[] {
  const names = config.within('id2label')
  const count = names === undefined ? config.count('num_labels', 2) : Object.keys(names.raw).length
  return Array.from({ length: count }, (_, i) => names?.string(String(i)) ?? `LABEL_${i}`)
}

/** How many classes a head scores. */
export const labelCountOf = (config: ConfigReader): number => Math.max(1, labelsOf(config).length)
