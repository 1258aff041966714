import { type AnyModel, QuantizedProgram, Tensor } from 'typegrad'
import { ArgumentError, checkOptions, evaluateAll, optionsOf } from 'typegrad/core'
import { decodeSignature } from 'typegrad/engine'
import { energyMeter } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import { textTable } from '../base/text-table.ts'
import { weightBytes } from './compare.ts'

type Outputs = Readonly<Record<string, Tensor>>
type Inputs = Readonly<Record<string, Tensor>>

export interface CompareModelsOptions {
  /** What the models are timed with, by the names of their inputs, the samples along the first axis. */
  readonly examples: Inputs
  /** How good a model is, by what it predicts. Default: nothing is asked. */
  readonly score?: (predict: (inputs: Inputs) => Promise<Outputs>) => Promise<number>
  /** What the score is called in the table. Default `'score'`. */
  readonly scoreName?: string
  /** Predictions that are timed, behind those until weights are packed. Default 10. */
  readonly runs?: number
  /** Whether memory is measured, which starts a process of Node for each model. Default true. */
  readonly memory?: boolean
}

const compareModelsChecks = optionsOf<CompareModelsOptions>()({
  examples: checks.needed(checks.anything),
  score: checks.func,
  scoreName: checks.string,
  runs: checks.count,
  memory: checks.boolean,
})

/** A model's size, speed and worth. */
export interface ModelMeasures {
  readonly name: string
  /** Of its weights as they are saved; of a quantised program, of its file. */
  readonly bytes: number
  /** Milliseconds that a sample takes, the median of several predictions. */
  readonly milliseconds: number
  /**
   * Bytes of main memory that a process of Node takes at most for loading the model's file of ONNX and predicting the examples
   * twice, beyond an empty process with an engine: weights, those that are packed, and values. Undefined in browsers, where no
   * process can be started, for a model that ONNX cannot express (`withoutMemory` says why), and where it was not asked for.
   */
  readonly peakBytes: number | undefined
  /** Why `peakBytes` is not known; undefined where it is, and where it was not asked for. */
  readonly withoutMemory: string | undefined
  /** Joules that a sample takes; undefined where the system does not tell. Of all that runs on the processor meanwhile. */
  readonly joules: number | undefined
  /** What `score` says; undefined where nothing was asked. */
  readonly score: number | undefined
}

export interface ModelsComparison {
  readonly models: readonly ModelMeasures[]
  readonly scoreName: string
  /** The table, for a terminal; shares are of the first model. */
  toString(): string
}

/** Calls until a prediction has its weights packed. */
const warming = 20

/**
 * One table of several forms of a model: size, time and energy of a sample, memory, and score. The first one is what the others are
 * compared with.
 *
 * @param models by the names that they have in the table: models, and what `quantizeStatic` and `quantizeDynamic` give.
 * @throws ArgumentError for no models, and examples without samples.
 * @example
 * const table = await compareModels({ float: model, int8: await quantizeDynamic(model) }, { examples, score })
 * console.log(`${table}`)
 */
export async function compareModels(
  models: Readonly<Record<string, AnyModel | QuantizedProgram>>,
  options: CompareModelsOptions,
): Promise<ModelsComparison> {
  checkOptions('compareModels', options, compareModelsChecks)
  const { examples, score, scoreName = 'score', runs = 10, memory = true } = options
  const samples = Object.values(examples)[0]?.shape[0] ?? 0
  if (Object.keys(models).length === 0 || samples === 0) {
    throw new ArgumentError({
      where: 'compareModels',
      expected: 'models by name, and examples of one sample at least',
      received: samples === 0 ? 'no samples' : 'no models',
    })
  }
  const joulesSince = await energyUsed()
  const measured: ModelMeasures[] = []
  for (const [name, model] of Object.entries(models)) {
    const predict = predictionOf(model)
    for (let i = 0; i < warming; i++) await predict(examples)
    const times: number[] = []
    await joulesSince()
    for (let i = 0; i < runs; i++) {
      const start = performance.now()
      await predict(examples)
      times.push(performance.now() - start)
    }
    const used = await joulesSince()
    const median = times.sort((a, b) => a - b)[Math.floor(runs / 2)] as number
    measured.push({
      name,
      bytes: bytesOf(model),
      milliseconds: median / samples,
      ...(memory ? await memoryOf(model, examples, await predict(examples)) : unasked),
      joules: used === undefined ? undefined : used / (runs * samples),
      score: await score?.(predict),
    })
  }
  return { models: measured, scoreName, toString: () => tableOf(measured, scoreName, memory) }
}

/** Joules since the call before; undefined where the system does not tell, and in browsers. */
async function energyUsed(): Promise<() => Promise<number | undefined>> {
  const meter = await energyMeter()
  return async () => (typeof meter === 'string' ? undefined : await meter.read())
}

type Memory = Pick<ModelMeasures, 'peakBytes' | 'withoutMemory'>
const unasked: Memory = { peakBytes: undefined, withoutMemory: undefined }

async function memoryOf(
  model: AnyModel | QuantizedProgram,
  examples: Inputs,
  predicted: Outputs,
): Promise<Memory> {
  if (typeof process === 'undefined') return { ...unasked, withoutMemory: 'browsers do not tell' }
  try {
    const onnx = model instanceof QuantizedProgram ? model.bytes : await model.toOnnx()
    const { inputs: takes, outputs: gives } = decodeSignature(onnx)
    const values = Object.values(examples)
    const inputs = takes.map(({ name, dtype }) =>
      ((takes.length === 1 ? values[0] : examples[name]) as Tensor).cast(dtype),
    )
    const outputs = gives.map(
      ({ name, dtype }, i) => [name, dtype, predicted[name] ?? Object.values(predicted)[i]] as const,
    )
    const { peakMemory } = await import('./peak-memory.node.ts')
    const peakBytes = await peakMemory(onnx, {
      signature: {
        inputs: takes.map(({ name, dtype }, i) => ({ name, dtype, shape: (inputs[i] as Tensor).shape })),
        outputs: outputs.map(([name, dtype, value]) => ({ name, dtype, shape: (value as Tensor).shape })),
      },
      inputs: await Promise.all(inputs.map((input) => input.data())),
    })
    return { ...unasked, peakBytes }
  } catch (error) {
    return { ...unasked, withoutMemory: error instanceof Error ? error.message : String(error) }
  }
}

/** What a model predicts, by name, computed. */
function predictionOf(model: AnyModel | QuantizedProgram): (inputs: Inputs) => Promise<Outputs> {
  if (model instanceof QuantizedProgram) return (inputs) => model.predict(inputs)
  return async (inputs) => {
    const [only] = Object.values(inputs)
    const predicted = await model.predict(
      model.modelInputs.length === 1 && only !== undefined ? only : inputs,
    )
    const list = predicted instanceof Tensor ? [predicted] : Object.values(predicted as Outputs)
    await evaluateAll(list)
    return Object.fromEntries(list.map((value, i) => [model.modelOutputs[i]?.name ?? String(i), value]))
  }
}

const bytesOf = (model: AnyModel | QuantizedProgram): number =>
  model instanceof QuantizedProgram ? model.bytes.length : weightBytes(model)

function tableOf(models: readonly ModelMeasures[], scoreName: string, hasMemory: boolean): string {
  const first = models[0] as ModelMeasures
  const share = (a: number, b: number) => `${(a / b).toFixed(2)} ×`
  const columns: readonly (readonly [title: string, cell: (model: ModelMeasures) => string])[] = [
    ['', ({ name }) => name],
    ['size', ({ bytes }) => megabytes(bytes)],
    ['', ({ bytes }) => share(bytes, first.bytes)],
    ['a sample', ({ milliseconds }) => `${milliseconds.toFixed(milliseconds < 10 ? 3 : 1)} ms`],
    ['', ({ milliseconds }) => share(milliseconds, first.milliseconds)],
    ...(hasMemory ? [['memory', ({ peakBytes }: ModelMeasures) => megabytes(peakBytes)] as const] : []),
    ['energy', ({ joules }) => (joules === undefined ? '?' : `${(joules * 1000).toFixed(2)} mJ`)],
    [scoreName, ({ score }) => score?.toPrecision(4) ?? ''],
  ]
  const rows = [
    columns.map(([title]) => title),
    ...models.map((model) => columns.map(([, cell]) => cell(model))),
  ]
  const reasons = new Set(models.flatMap(({ withoutMemory }) => withoutMemory ?? []))
  return [textTable(rows), ...[...reasons].map((reason) => `Memory is not known: ${reason}`)].join('\n')
}

/** In three digits or more. */
const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '?' : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : bytes < 1e8 ? 1 : 0)} MB`
