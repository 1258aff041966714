import { checksumOfText } from '../base/checksum.ts'
import type { PretrainedModel } from './pretrained-model.ts'

/** What a model is, whatever its weights hold: by which a backup of another one is told. */
export function identityOf({ config, network }: PretrainedModel): string {
  const weights = network.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  return `${network.className} of ${weights} weights, configuration ${checksumOfText(JSON.stringify(config))}`
}
