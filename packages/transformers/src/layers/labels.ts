import type { ConfigReader } from '../base/config.ts'

/** How many classes a head scores: those of `id2label`, `num_labels`, or 2 as in Hugging Face's configurations. */
export function labelCountOf(config: ConfigReader): number {
  const { id2label } = config.raw
  if (typeof id2label === 'object' && id2label !== null) return Math.max(1, Object.keys(id2label).length)
  return config.count('num_labels', 2)
}
