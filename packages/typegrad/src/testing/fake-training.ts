import type {
  Callback,
  Ending,
  Logs,
  TrainedModel,
  TrainingParams,
  TrainingPosition,
  TrainingState,
} from '../callbacks/callback.ts'
import type { LayerGraph } from '../layers/base/layer-graph.ts'
import type { Optimizer } from '../optimizers/index.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import '../transforms/evaluate.ts'

/** A model of one weight, which counts the epochs, and a disk that is a map. */
export class FakeModel implements TrainedModel {
  readonly name = 'fake'
  readonly optimizer: Optimizer
  stopTraining = false
  weight = 0
  /** What was saved, by path, in order. */
  readonly saved: string[] = []
  readonly disk = new Map<string, { readonly weight: number; readonly state: TrainingState }>()

  constructor(optimizer: unknown = {}) {
    this.optimizer = optimizer as Optimizer
  }

  readonly weights: readonly Variable[] = []
  graph(): LayerGraph {
    return { nodes: [], inputs: [], outputs: [] }
  }
  getWeights(): Tensor[] {
    return [tensor([this.weight])]
  }
  setWeights(weights: readonly Tensor[]): void {
    this.pending = weights[0]?.item()
  }
  /** The weight that was set, once it is read. */
  pending: Promise<number> | undefined

  async save(folder: string): Promise<void> {
    this.saved.push(folder)
  }
  async saveWeights(file: string): Promise<void> {
    this.saved.push(file)
  }
  async loadWeights(): Promise<void> {}
  async saveTrainingState(folder: string, state: TrainingState): Promise<void> {
    const extra = JSON.parse(JSON.stringify(state.extra)) as unknown
    this.disk.set(folder, { weight: this.weight, state: { extra, tensors: state.tensors } })
  }
  async loadTrainingState(
    folder: string,
    accept?: (extra: unknown) => void,
  ): Promise<TrainingState | undefined> {
    const found = this.disk.get(folder)
    if (found !== undefined) accept?.(found.state.extra)
    if (found !== undefined) this.weight = found.weight
    return found?.state
  }
  async deleteTrainingState(folder: string): Promise<void> {
    this.disk.delete(folder)
  }
}

export interface FakeTraining extends Partial<Omit<TrainingParams, 'callbacks'>> {
  /** The logs of each epoch; the training has as many. */
  readonly logs: readonly Logs[]
  /** The epoch before whose end the process is killed: nothing is called any more. */
  readonly killedIn?: number
  readonly ending?: Ending
  /** Called before each batch. */
  readonly beforeBatch?: () => void
}

/**
 * Calls callbacks as `fit` does, without anything that is trained: two batches an epoch unless `steps` says
 * otherwise.
 *
 * @returns the epochs that were trained.
 */
export async function fakeTraining(
  model: FakeModel,
  callbacks: readonly Callback[],
  { logs, killedIn, ending = 'end', beforeBatch, ...params }: FakeTraining,
): Promise<number[]> {
  const ordered = [...callbacks.filter((c) => !c.runsLast), ...callbacks.filter((c) => c.runsLast)]
  const steps = params.steps ?? 2
  let position: TrainingPosition = { epoch: 0 }
  for (const callback of ordered) {
    callback.model = model
    callback.params = {
      epochs: logs.length,
      batchSize: 32,
      samples: 32 * steps,
      verbose: 1,
      metrics: Object.keys(logs[0] ?? {}),
      restoreGathered: () => Promise.resolve(),
      ...params,
      steps,
      callbacks: ordered,
      position: () => position,
    }
  }
  const each = async (hook: (callback: Callback) => void | Promise<void>) => {
    for (const callback of ordered) await hook(callback)
  }
  const trained: number[] = []
  let last: Logs = {}
  model.stopTraining = false
  await each((callback) => callback.onTrainBegin())
  let first = 0
  for (const callback of ordered) first = Math.max(first, (await callback.resumeFrom())?.epoch ?? 0)
  for (let epoch = first; epoch < logs.length && !model.stopTraining; epoch++) {
    const now = { ...logs[epoch] }
    last = now
    await each((callback) => callback.onEpochBegin(epoch))
    for (let batch = 0; batch < steps && !model.stopTraining; batch++) {
      beforeBatch?.()
      await each((callback) => callback.onTrainBatchBegin(batch))
      position = { epoch, batch: batch + 1 }
      await each((callback) => callback.onTrainBatchEnd(batch, async () => now))
    }
    if (epoch === killedIn) return trained
    model.weight = epoch + 1
    trained.push(epoch)
    position = { epoch: epoch + 1 }
    await each((callback) => callback.onEpochEnd(epoch, now))
  }
  await each((callback) => callback.onTrainEnd(last, model.stopTraining ? 'callback' : ending))
  return trained
}
