import { callbacks } from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import type { TensorLike } from '../tensor/create.ts'

/** Three epochs with a backup after each batch of four; they go on from it where there is one, and end after `stopAfter` batches. */
export async function interruptedFit<M extends AnyModel>(
  model: M,
  x: TensorLike,
  y: TensorLike,
  { backupDir, stopAfter }: { readonly backupDir: string; readonly stopAfter?: number | undefined },
): Promise<M> {
  const stop = new AbortController()
  let batches = 0
  await model.fit(x, y, {
    ...{ epochs: 3, batchSize: 4, verbose: 0, signal: stop.signal },
    callbacks: [
      callbacks.backupAndRestore({ backupDir, saveFreq: 1 }),
      callbacks.lambdaCallback({
        onTrainBatchEnd: () => {
          if (++batches === stopAfter) stop.abort()
        },
      }),
    ],
  })
  return model
}
