import { type Optimizer, Tensor } from 'typegrad'
import { Checksum, checksumOfText } from '../base/checksum.ts'
import { identityOf } from '../checkpoint/model-identity.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { PreparedTask, TrainableModel } from '../tasks/task.ts'
import type { MethodChoice } from './method.ts'

interface Training<Row, Example> {
  readonly model: TrainableModel
  readonly method: MethodChoice
  readonly task: Pick<PreparedTask<Row, Example>, 'collate'> & { readonly name: string }
  /** Undefined for a stream, of which nothing is known before it is read. */
  readonly training: readonly Example[] | undefined
  readonly batchSize: number
  readonly shuffle: boolean
  readonly grouped: boolean
  readonly optimizer: Optimizer
}

/** What a fine-tuning is, by which a backup of another one is told: see `identity` of `backupAndRestore`. */
export async function identityOfTraining<Row, Example>(
  training: Training<Row, Example>,
): Promise<Record<string, unknown>> {
  const { model, method, task, batchSize, shuffle, grouped, optimizer } = training
  const trained = [...model.weightPaths].filter(([, { trainable }]) => trainable)
  const shapes = trained.map(([path, { shape }]) => `${path} ${shape.join(' ')}`)
  return {
    model: model instanceof PretrainedModel ? identityOf(model) : model.className,
    task: task.name,
    method: `${nameOf(method)} of ${trained.length} weights, ${checksumOfText(shapes.join('\n'))}`,
    data: await dataOf(training),
    batch: `${batchSize} examples${shuffle ? ', shuffled' : ''}${grouped ? ', of similar lengths' : ''}`,
    optimizer: optimizer.getConfig(),
  }
}

/** A method by its name, or by all that was said of it. */
const nameOf = (method: MethodChoice): string =>
  typeof method === 'string'
    ? method
    : `${'name' in method ? method.name : method.kind} ${checksumOfText(JSON.stringify(method))}`

/**
 * How many examples there are, and a number of all that the model would read of them: another one where a single label is
 * another one. A pass of collating costs little beside an epoch of steps.
 */
async function dataOf<Row, Example>({
  training,
  task,
  batchSize,
}: Pick<Training<Row, Example>, 'training' | 'task' | 'batchSize'>): Promise<string> {
  if (training === undefined) return 'a stream'
  const sum = new Checksum()
  for (let start = 0; start < training.length; start += batchSize)
    for (const part of tensorsIn(task.collate(training.slice(start, start + batchSize))))
      sum.add(await part.data())
  return `${training.length} examples, ${sum}`
}

/** The tensors of lists and records within each other. */
function tensorsIn(value: unknown): readonly Tensor[] {
  if (value instanceof Tensor) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsIn) : []
}
