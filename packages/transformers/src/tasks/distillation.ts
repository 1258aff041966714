import { Model, onesLike, ops, type StepOutputs, type Tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { type CallContext, type CallResult, checks, type Outputs } from 'typegrad/layers'
import { layerCountOf } from '../checkpoint/drop-layers.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { contextOf } from '../layers/network.ts'
import type { Task, TrainableModel } from './task.ts'

/** Which of the student's hidden states are to be which of the teacher's; 0 is what the first block gets, −1 the last. */
export interface HiddenPair {
  readonly student: number
  readonly teacher: number
}

export interface DistillationOptions<Row, Example> {
  /** What teacher and student do, such as `sequenceClassification({ tokenizer })`. */
  readonly task: Task<Row, Example, PretrainedModel>
  /** A model of the same task. It is asked, and never changed. */
  readonly teacher: PretrainedModel
  /** What logits are divided by, so that small probabilities count more. Default 2. */
  readonly temperature?: number
  /** How much the task's own loss, of the labels, counts; the teacher's logits count 1 less that. Default 0.5. */
  readonly alpha?: number
  /**
   * Hidden states that are to be the teacher's. A student with dropout computes them apart from its logits, with draws of their
   * own. Default none.
   */
  readonly hidden?: readonly HiddenPair[]
  /** How much each pair of hidden states counts. Default 1. */
  readonly hiddenWeight?: number
}

const optionChecks = optionsOf<DistillationOptions<never, never>>()({
  task: checks.needed(checks.named),
  teacher: checks.needed(checks.named),
  temperature: checks.positive,
  alpha: checks.share,
  hidden: checks.list,
  hiddenWeight: checks.notNegative,
})

/** What a student is trained by, beside its task. */
interface Lesson {
  readonly teacher: PretrainedModel
  readonly temperature: number
  readonly alpha: number
  readonly hidden: readonly HiddenPair[]
  readonly hiddenWeight: number
}

/** A student as it is trained beside its teacher. */
class Distillation extends Model<Outputs> {
  readonly className = 'Distillation'
  readonly student: PretrainedModel
  /** Private: the teacher's weights are no part of this model. */
  readonly #lesson: Lesson

  constructor(student: PretrainedModel, lesson: Lesson) {
    super()
    this.student = student
    this.#lesson = lesson
  }

  /** Its weights are the student's, which is built. */
  override build(): void {}

  /** @returns the student's outputs, those of its hidden states that count, and the inputs, of which the teacher is asked. */
  override call(inputs: Outputs, { training }: CallContext): CallResult<Outputs> {
    const { network } = this.student
    const { hidden } = this.#lesson
    const list = inputs as readonly [Tensor, ...Tensor[]]
    const context = contextOf(network, list, training)
    const states = hidden.length === 0 ? [] : network.hiddenStates(list[0], context)
    const own = hidden.map(({ student }) => states.at(student) as Tensor)
    return [...Object.values(network.outputs(list[0], context)), ...own, ...list]
  }

  override computeLoss({ y, yPred, sampleWeight }: StepOutputs): Tensor {
    const { teacher, hidden, hiddenWeight, alpha, temperature } = this.#lesson
    const all = yPred as readonly Tensor[]
    const count = this.student.modelOutputs.length
    const outputs = all.slice(0, count)
    const own = all.slice(count, count + hidden.length)
    const inputs = all.slice(count + hidden.length) as [Tensor, ...Tensor[]]
    const context = contextOf(teacher.network, inputs, false)
    const counted = context.attentionMask ?? onesLike(inputs[0])
    const told = ops.stopGradient(teacher.network.outputs(inputs[0], context).logits as Tensor)
    const states = hidden.length === 0 ? [] : teacher.network.hiddenStates(inputs[0], context)
    const task = this.student.computeLoss({ y, yPred: outputs, sampleWeight })
    const soft = softCost(outputs[0] as Tensor, told, temperature, counted)
    const apart = hidden.map((pair, i) =>
      squaredError(own[i] as Tensor, ops.stopGradient(states.at(pair.teacher) as Tensor), counted),
    )
    return [task.mul(alpha), soft.mul(1 - alpha), ...apart.map((error) => error.mul(hiddenWeight))].reduce(
      (a, b) => a.add(b),
    )
  }

  /** Scores are the task's. */
  override computeMetrics(): void {}
}

/**
 * T² · KL(teacher ‖ student) of the probabilities at a temperature T, whose gradients are as large as those of labels: the mean
 * over texts, or over tokens that count where there are logits for each.
 *
 * Hinton et al. 2015, https://arxiv.org/abs/1503.02531
 */
function softCost(student: Tensor, teacher: Tensor, temperature: number, counted: Tensor): Tensor {
  const [own, wanted] = [student, teacher].map((logits) => ops.logSoftmax(logits.mul(1 / temperature))) as [
    Tensor,
    Tensor,
  ]
  const costs = wanted.exp().mul(wanted.sub(own)).sum(-1)
  const mean = costs.shape.length === 1 ? costs.mean() : meanOver(costs, counted)
  return mean.mul(temperature ** 2)
}

/** The mean squared error of states (batch, length, width) over the tokens that count. */
const squaredError = (student: Tensor, teacher: Tensor, counted: Tensor): Tensor =>
  meanOver(student.sub(teacher).square().mean(-1), counted)

/** (batch, length) twice. */
function meanOver(values: Tensor, counted: Tensor): Tensor {
  const shares = counted.cast('float32')
  return values.mul(shares).sum().div(shares.sum().maximum(1))
}

/**
 * A task whose model learns from another one as well: from its logits, which say more than labels, and from its hidden states
 * (DistilBERT, Sanh et al. 2019, https://arxiv.org/abs/1910.01108; TinyBERT, Jiao et al. 2019, https://arxiv.org/abs/1909.10351).
 *
 * loss = alpha · task + (1 − alpha) · T² · KL(teacher ‖ student) + hiddenWeight · Σ mean squared errors of hidden states.
 *
 * @throws ArgumentError for options that are none; in training, for a teacher with another vocabulary, other inputs or other
 * outputs, and hidden states that are not there or of another width.
 * @example
 * const task = tasks.distillation({ task: tasks.sequenceClassification({ tokenizer }), teacher, hidden: [{ student: -1, teacher: -1 }] })
 * await finetune(dropLayers(teacher, [0, 2, 4]), rows, { task, learningRate: 1e-4 })
 */
export function distillation<Row, Example>(
  options: DistillationOptions<Row, Example>,
): Task<Row, Example, PretrainedModel> {
  const name = 'distillation'
  checkOptions(name, options, optionChecks)
  const { task, teacher, temperature = 2, alpha = 0.5, hidden = [], hiddenWeight = 1 } = options
  return {
    name: `${name} of ${task.name}`,
    prepare(student) {
      const prepared = task.prepare(student)
      checkTeacher(student, teacher, hidden)
      const own: TrainableModel = prepared.trained
      if (own !== student) {
        throw new ArgumentError({
          where: name,
          expected: 'a task that trains the model as it is',
          received: `${task.name}, which trains a ${own.className}`,
        })
      }
      student.compile({ ...prepared.compile, metrics: [], optimizer: 'sgd' })
      const trained = new Distillation(student, { teacher, temperature, alpha, hidden, hiddenWeight })
      return {
        ...prepared,
        trained,
        compile: {},
        collate(examples) {
          const [x, y = null, weights] = prepared.collate(examples)
          const inputs = x as Readonly<Record<string, Tensor>>
          // As a list within a list: they are not the inputs of a model, but of two.
          return [[student.network.takes.map(({ name: taken }) => inputs[taken] as Tensor)], y, weights]
        },
      }
    },
  }
}

/** @throws ArgumentError as {@link distillation} says. */
function checkTeacher(student: PretrainedModel, teacher: unknown, hidden: readonly HiddenPair[]): void {
  const where = 'distillation: teacher'
  if (!(teacher instanceof PretrainedModel)) {
    throw new ArgumentError({ where, expected: 'a PretrainedModel', received: String(teacher) })
  }
  const sizes = [student, teacher].map(({ config }) => Number(config.vocab_size))
  if (sizes[0] !== sizes[1]) {
    throw new ArgumentError({
      where,
      expected: `the student's vocabulary, of ${sizes[0]} words`,
      received: `one of ${sizes[1]}`,
      fix: 'Ids of one mean nothing to the other: choose a teacher with the same tokenizer.',
    })
  }
  const shapes = [student, teacher].map((model) => ({
    takes: model.network.takes.map(({ name }) => name).join(', '),
    gives: model.modelOutputs.map(({ name, shape }) => `${name} [${shape?.slice(1).join(', ')}]`).join(', '),
  }))
  const [own, theirs] = shapes as [(typeof shapes)[number], (typeof shapes)[number]]
  if (own.takes !== theirs.takes || own.gives !== theirs.gives || !own.gives.startsWith('logits')) {
    throw new ArgumentError({
      where,
      expected: `a model that takes ${own.takes} and gives ${own.gives}, with logits first, as the student`,
      received: `one that takes ${theirs.takes} and gives ${theirs.gives}`,
    })
  }
  if (hidden.length === 0) return
  const widths = [student, teacher].map(({ config }) =>
    Number(config.hidden_size ?? config.dim ?? config.n_embd ?? config.d_model),
  )
  const blocks = [student, teacher].map(layerCountOf)
  const outside = (place: number, count: number) =>
    !Number.isInteger(place) || place > count || place < -count - 1
  for (const [i, pair] of hidden.entries()) {
    const fits = !outside(pair.student, blocks[0] as number) && !outside(pair.teacher, blocks[1] as number)
    if (fits && widths[0] === widths[1]) continue
    throw new ArgumentError({
      where: `distillation: hidden: ${i}`,
      expected: `states 0 to ${blocks[0]} of the student and 0 to ${blocks[1]} of the teacher, of one width`,
      received: `${pair.student} and ${pair.teacher}, of widths ${widths.join(' and ')}`,
    })
  }
}
