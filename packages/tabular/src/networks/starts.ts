import { initializers } from 'typegrad'

/** What weights of `inputs` features begin as: uniform between −1/√inputs and 1/√inputs, as PyTorch's linear layers do. */
export const rootUniform = (inputs: number): initializers.Initializer => {
  const bound = 1 / Math.sqrt(inputs)
  return initializers.randomUniform({ minval: -bound, maxval: bound })
}

/** The package's layers in saved models: `tabular>TabM`. */
export const registeredAs = { package: 'tabular' } as const
