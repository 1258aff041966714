import { ArgumentError, optionsOf, type Tensor } from 'typegrad/core'
import { checks, type LayerOptions, layerChecks, type SymbolicShape } from 'typegrad/layers'

/** What networks for tables take: numbers, codes of categories, or both. */
export interface TableInputOptions extends LayerOptions {
  /** How many numbers a row has. Default 0. */
  readonly numbers?: number
  /** How many codes each column of categories has: they are 0 to size − 1. Default none. */
  readonly categories?: readonly number[]
}

export const tableInputChecks = optionsOf<TableInputOptions>()({
  numbers: checks.wholeFrom(0),
  categories: checks.list,
  ...layerChecks,
})

/** The inputs of a table's network, by what there is of them. */
export class TableInputs {
  readonly numbers: number
  readonly sizes: readonly number[]

  constructor(where: string, { numbers = 0, categories = [] }: TableInputOptions) {
    const wrong = categories.findIndex((size) => !Number.isInteger(size) || size < 1)
    if (wrong >= 0)
      throw new ArgumentError({
        where: `${where}: categories`,
        expected: 'for each column how many codes it has',
        received: `${categories[wrong]} for column ${wrong}`,
      })
    if (numbers === 0 && categories.length === 0)
      throw new ArgumentError({ where, expected: 'numbers, categories or both', received: 'neither' })
    this.numbers = numbers
    this.sizes = categories
  }

  /** Numbers (batch, numbers) and codes (batch, columns), of the tensors that the network was given. */
  split(where: string, inputs: readonly Tensor[]): { readonly x?: Tensor; readonly codes?: Tensor } {
    const [first, second] = inputs
    const widths = [this.numbers, this.sizes.length].filter((width) => width > 0)
    if (inputs.length !== widths.length || inputs.some(({ shape }, i) => shape[1] !== widths[i]))
      throw new ArgumentError({
        where,
        expected: `${this.#described()} of each row, in this order`,
        received: inputs.map((input) => `shape [${input.shape.join(', ')}]`).join(' and '),
      })
    if (this.numbers === 0) return { codes: first as Tensor }
    return { x: first as Tensor, ...(second !== undefined && { codes: second }) }
  }

  #described(): string {
    return [
      ...(this.numbers > 0 ? [`${this.numbers} numbers`] : []),
      ...(this.sizes.length > 0 ? [`${this.sizes.length} codes of categories`] : []),
    ].join(' and ')
  }

  /** Shapes of what the network is given, of any batch. */
  get shapes(): readonly SymbolicShape[] {
    return [this.numbers, this.sizes.length].filter((width) => width > 0).map((width) => [null, width])
  }
}
