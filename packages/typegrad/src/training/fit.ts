import { StateError } from '../base/errors.ts'
import { anyValue, checked, either, list, object, oneOf, whole } from '../base/schema.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import type { Ending, EpochLogs, Logs, TrainingPosition } from '../callbacks/callback.ts'
import { CallbackList } from '../callbacks/callback-list.ts'
import { History } from '../callbacks/history.ts'
import { type ProgressBar, progressBar } from '../callbacks/progress-bar.ts'
import type { AnyModel } from '../models/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type BatchSource, checkCount, type EpochOrder } from './batch-source.ts'
import { runEvaluation } from './evaluate.ts'
import { type BatchStream, type Data, type FitOptions, fitChecks } from './fit-options.ts'
import { fitSources, type Sources } from './fit-sources.ts'
import { Lease } from './lease.ts'
import { LossWatch } from './loss-watch.ts'
import type { StepFunctions } from './step-functions.ts'
import { trainingArguments } from './training-arguments.ts'

/** Models that `fit` is training. */
const training = new WeakSet<AnyModel>()

/** `fit`, behind its two signatures. */
export async function fit(
  model: AnyModel,
  x: Data | BatchStream,
  y: Data | FitOptions | null | undefined,
  third: FitOptions | undefined,
): Promise<History> {
  model.compiled('fit')
  if (training.has(model)) {
    throw new StateError({
      where: 'fit',
      expected: 'a model that is not being trained',
      received: `'${model.name}', which another call of fit is training`,
      fix: 'Await the first call before the second.',
    })
  }
  training.add(model)
  try {
    const { data, options } = trainingArguments('fit', fitChecks, x, y, third)
    checkCount('fit: epochs', options.epochs, 0)
    checkCount('fit: initialEpoch', options.initialEpoch, 0)
    checkCount('fit: stepsPerEpoch', options.stepsPerEpoch, 1)
    checkCount('fit: validationSteps', options.validationSteps, 1)
    const bar = options.verbose === 0 ? undefined : progressBar()
    if ((options.verbose ?? 1) === 1) bar?.status('reading data …')
    try {
      const sources = await fitSources(model, data, options)
      return await new Training(model, sources, options, bar).run()
    } finally {
      bar?.clear()
    }
  } finally {
    training.delete(model)
  }
}

/** What a training has to know to go on within an epoch; JSON. */
const epochState = object({
  order: either(oneOf('natural'), list(whole(), 2)),
  labels: list(list(whole())),
  train: anyValue,
  validation: anyValue,
})

interface EpochState {
  readonly order: EpochOrder
  /** Shapes of a batch's labels. */
  readonly labels: readonly Shape[]
  readonly train: unknown
  readonly validation: unknown
}

/** One call of `fit`. */
class Training {
  readonly #model: AnyModel
  readonly #options: FitOptions
  readonly #train: BatchSource
  readonly #validation: BatchSource | undefined
  readonly #history = new History()
  readonly #lease: Lease
  readonly #bar: ProgressBar | undefined
  readonly #watch: LossWatch
  /** Epochs that are done, and batches of the one that is under way. */
  #at = { epoch: 0, batch: 0 }
  #order: EpochOrder = 'natural'
  #labels: readonly Shape[] = []

  constructor(
    model: AnyModel,
    { train, validation }: Sources,
    options: FitOptions,
    bar: ProgressBar | undefined,
  ) {
    this.#model = model
    this.#options = options
    this.#train = train
    this.#validation = validation
    this.#lease = new Lease(model, 'fit')
    this.#bar = bar
    this.#watch = new LossWatch(() => bar?.interrupt())
  }

  async run(): Promise<History> {
    const pacer = new Pacer()
    try {
      // Each of these is long in a first call, before V8 has optimized anything: run separately, so that none blocks the event loop.
      if (pacer.due()) await pacer.turn()
      if (this.#train.labels !== undefined) this.#lease.functions(this.#train.labels)
      if (pacer.due()) await pacer.turn()
      const callbacks = this.#callbacks()
      let logs: Logs = {}
      let ending: Ending = 'error'
      this.#model.stopTraining = false
      try {
        await callbacks.each((callback) => callback.onTrainBegin())
        const functions = this.#resume(await callbacks.resumed())
        logs = await this.#epochs(functions, callbacks)
        // Averages of weights take the weights' place, as in Keras.
        for (const optimizer of [this.#model.optimizer, ...this.#model.ownOptimizers]) {
          const { averages } = optimizer
          const weights = this.#model.trainableWeights.filter((weight) => averages.has(weight))
          optimizer.finalizeVariableValues(weights)
        }
        ending = this.#isAborted ? 'signal' : this.#model.stopTraining ? 'callback' : 'end'
      } finally {
        await callbacks.trainEnd(logs, ending)
      }
      return this.#history
    } finally {
      this.#lease.end()
      await this.#train.close()
      await this.#validation?.close()
    }
  }

  #callbacks(): CallbackList {
    const { verbose = 1, epochs = 1, callbacks = [] } = this.#options
    const { samples, batchSize, steps } = this.#train
    const names = this.#lease.current?.names ?? []
    const validated = this.#validation === undefined ? [] : names.map((name) => `val_${name}`)
    const shown = this.#bar === undefined ? [] : [this.#bar]
    const params = {
      epochs,
      steps,
      batchSize,
      samples,
      verbose,
      metrics: [...names, ...validated],
      position: () => this.#position(),
      restoreGathered: (tensors: Readonly<Record<string, Tensor>>) => this.#restoreGathered(tensors),
    }
    return new CallbackList(this.#model, [this.#history, ...shown, ...callbacks], params)
  }

  /** Asked anew each time: the signal changes while others work. */
  get #isAborted(): boolean {
    return this.#options.signal?.aborted === true
  }

  /** Puts the training where it was interrupted. @returns what goes on within an epoch, if it was in one. */
  #resume(position: TrainingPosition | undefined): StepFunctions | undefined {
    const { initialEpoch = 0 } = this.#options
    this.#at = { epoch: initialEpoch, batch: 0 }
    if (position === undefined || position.epoch < initialEpoch) return undefined
    const { epoch, batch = 0, state, tensors = {} } = position
    this.#at = { epoch, batch }
    if (state == null) return undefined
    const { order, labels, train, validation } = checked(epochState, state, 'backup: position')
    const rows = this.#train.labels
    const fits = (shape: Shape, i: number) =>
      rows === undefined || sameShape(shape.slice(1), rows[i]?.shape.slice(1) ?? [-1])
    if (batch > 0 && rows !== undefined && !(labels.length === rows.length && labels.every(fits)))
      throw new StateError({
        where: 'backup: position.labels',
        expected: `labels of ${rows.map(({ shape }) => formatShape(shape.slice(1))).join(', ')} a sample`,
        received:
          labels
            .map((shape) => formatShape(shape.slice(1)))
            .join(', ')
            .slice(0, 200) || 'none',
        fix: 'Give fit the data of the interrupted training, or begin anew.',
      })
    this.#train.setState(train)
    this.#validation?.setState(validation)
    if (batch === 0) return undefined
    this.#order = order
    this.#labels = labels
    const functions = this.#lease.functions(labels.map((shape) => ({ shape })))
    functions.restore(tensors)
    return functions
  }

  #position(): TrainingPosition {
    const state: EpochState = {
      order: this.#order,
      labels: this.#labels,
      train: this.#train.getState(),
      validation: this.#validation?.getState() ?? null,
    }
    return { ...this.#at, state, tensors: this.#at.batch === 0 ? {} : (this.#lease.current?.gathered ?? {}) }
  }

  async #restoreGathered(tensors: Readonly<Record<string, Tensor>>): Promise<void> {
    if (Object.keys(tensors).length === 0) await this.#lease.current?.reset()
    else this.#lease.current?.restore(tensors)
  }

  /**
   * @param resumed those of an epoch that is under way.
   * @returns the logs of the last epoch.
   */
  async #epochs(resumed: StepFunctions | undefined, callbacks: CallbackList): Promise<Logs> {
    const { epochs = 1, signal } = this.#options
    let logs: EpochLogs = {}
    let under = resumed
    while (this.#at.epoch < epochs && !this.#model.stopTraining && !this.#isAborted) {
      const { epoch } = this.#at
      await callbacks.each((callback) => callback.onEpochBegin(epoch))
      if (under === undefined) this.#order = await this.#newOrder()
      const functions = await this.#epoch(under, callbacks)
      under = undefined
      // An epoch that was cut short is none: a resumed training goes on from its last backup.
      if (this.#isAborted) break
      const own = this.#watch.look(await functions.logs(), epoch, this.#at.batch - 1)
      const validated =
        this.#validation === undefined
          ? {}
          : await runEvaluation(this.#lease, this.#validation, callbacks, signal)
      if (this.#isAborted) break
      this.#watch.look(validated, epoch, this.#at.batch - 1, 'validation loss')
      logs = { ...own, ...prefixed(validated) }
      this.#at = { epoch: epoch + 1, batch: 0 }
      await callbacks.epochEnd(epoch, logs)
    }
    return logs
  }

  async #epoch(resumed: StepFunctions | undefined, callbacks: CallbackList): Promise<StepFunctions> {
    let functions = resumed
    const { epoch, batch: first } = this.#at
    let step = first
    for await (const batch of this.#train.epoch(this.#order, first)) {
      const now = functions ?? this.#lease.functions(batch.y)
      if (functions === undefined) {
        await now.reset()
        this.#labels = batch.y.map(({ shape }) => shape)
      }
      functions = now
      await callbacks.each((callback) => callback.onTrainBatchBegin(step))
      await now.train(batch)
      this.#at = { epoch, batch: step + 1 }
      const at = step
      const logs = async () => this.#watch.look(await now.logs(), epoch, at)
      await callbacks.each((callback) => callback.onTrainBatchEnd(at, logs))
      step += 1
      if (this.#model.stopTraining || this.#isAborted) break
    }
    // A source without a batch has thrown.
    return functions as StepFunctions
  }

  /**
   * What an epoch's order is a function of: the model's seed and the steps that its optimizer has made. Both are
   * kept with a saved model, so a training goes on with the orders that it would have had.
   */
  async #newOrder(): Promise<EpochOrder> {
    if (this.#options.shuffle === false) return 'natural'
    const { seedGenerator, optimizer } = this.#model
    const [state, iterations] = [seedGenerator.state.value, optimizer.iterations.value]
    return [Number((await state.data())[0]), Number((await iterations.data())[0])]
  }
}

const prefixed = (logs: Logs): Logs =>
  Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]))
