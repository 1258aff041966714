import { Functional, type Tensor } from 'typegrad'
import type { Layer } from 'typegrad/layers'
import { functionalOf, type PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { Network, type NetworkContext, type NetworkInput } from '../layers/network.ts'

export interface TaskModelOptions {
  /** Inputs that the network can be told beside those that it takes, such as segments. Default none. */
  readonly inputs?: readonly NetworkInput[]
  /** What becomes of each output before the loss sees it. Default: it stays as it is. */
  readonly change?: (output: Tensor, context: NetworkContext) => Tensor
}

/** A network with some of its outputs, and perhaps inputs that it takes in training alone. */
class NetworkView extends Network {
  readonly className = 'NetworkView'
  readonly takes: readonly NetworkInput[]
  readonly network: Network
  readonly given: readonly string[]
  readonly change: (output: Tensor, context: NetworkContext) => Tensor

  constructor(
    network: Network,
    given: readonly string[],
    { inputs = [], change = (output) => output }: TaskModelOptions,
  ) {
    super()
    this.takes = [...network.takes, ...inputs]
    this.network = network
    this.given = given
    this.change = change
  }

  override checkInput(...given: Parameters<Network['checkInput']>): Promise<unknown> | undefined {
    return given[2] < this.network.takes.length ? this.network.checkInput(...given) : undefined
  }

  hiddenStates(x: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.network.hiddenStates(x, context)
  }

  override outputs(x: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const all = this.network.outputs(x, context)
    return Object.fromEntries(this.given.map((name) => [name, this.change(all[name] as Tensor, context)]))
  }
}

/**
 * A pretrained model as a task trains it: with the outputs that the loss is of, and with inputs that only training has. Its
 * weights are those of the model, under the same paths.
 */
export class TaskModel extends Functional<Readonly<Record<string, Tensor>>> {
  override readonly className = 'TaskModel'
  /** Stands before `base`, so that paths of weights begin as in the model itself. */
  readonly network: Network
  /** The model whose weights these are. */
  readonly base: PretrainedModel

  constructor(base: PretrainedModel, outputs: readonly string[], options: TaskModelOptions = {}) {
    super(functionalOf(new NetworkView(base.network, outputs, options)))
    this.network = base.network
    this.base = base
  }

  override get listedLayers(): readonly Layer[] {
    return []
  }
}

/** The model itself where it has just these outputs; one around it where it has others too. */
export function withOutputs(model: PretrainedModel, outputs: readonly string[]): PretrainedModel | TaskModel {
  const own = model.modelOutputs.map(({ name }) => name)
  return own.length === outputs.length ? model : new TaskModel(model, outputs)
}
