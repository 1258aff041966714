import { type Callback, callbacks } from 'typegrad'
import { checksumOfText } from '../base/checksum.ts'
import type { PretrainedModel } from './pretrained-model.ts'

/** What a model is, whatever its weights hold: by which a backup of another one is told. */
export function identityOf({ config, network }: PretrainedModel): string {
  const weights = network.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  return `${network.className} of ${weights} weights, configuration ${checksumOfText(JSON.stringify(config))}`
}

/** Tells the backups among some callbacks what the training is, so that they refuse to go on with another one. */
export async function identifyBackups(
  list: readonly Callback[] | undefined,
  identity: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const backups = (list ?? []).filter((one) => one instanceof callbacks.BackupAndRestore)
  if (backups.length === 0) return
  const known = await identity()
  for (const backup of backups) backup.identify(known)
}
