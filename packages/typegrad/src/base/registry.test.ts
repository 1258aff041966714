import { describe, expect, it } from 'vitest'
import { UnknownNameError } from './errors.ts'
import { canonicalName, lookup, make } from './registry.ts'

const table = { meanSquaredError: 1, huber: 2, klDivergence: 3 }
const aliases = { mse: 'meanSquaredError', kld: 'klDivergence' }

describe('lookup', () => {
  it.each([
    ['meanSquaredError', 1],
    ['mean_squared_error', 1],
    ['MeanSquaredError', 1],
    ['mse', 1],
    ['MSE', 1],
    ['KLDivergence', 3],
    ['kl_divergence', 3],
    ['KLD', 3],
  ])('finds %s', (name, value) => {
    expect(lookup('loss', name, table, aliases)).toBe(value)
  })

  it('gives the own spelling of the table', () => {
    expect(canonicalName('loss', 'Mean_Squared_Error', table)).toBe('meanSquaredError')
  })

  it('names the nearest name that it knows', () => {
    expect(() => lookup('loss', 'mean_sqared_error', table, aliases)).toThrow(UnknownNameError)
    expect(() => lookup('loss', 'mean_sqared_error', table, aliases)).toThrow(
      'loss: expected one of meanSquaredError, huber, klDivergence, received "mean_sqared_error". ' +
        "Did you mean 'meanSquaredError'?",
    )
    expect(() => lookup('loss', 'toString', table)).toThrow(UnknownNameError)
  })
})

describe('make', () => {
  const factories = { square: ({ side = 1 }: { side?: number }) => side ** 2 }

  it('makes an object from its name or its configuration', () => {
    expect(make('form', 'Square', factories)).toBe(1)
    expect(make('form', { className: 'Square', config: { side: 3 } }, factories)).toBe(9)
    expect(make('form', { className: 'Square', config: { side: null } }, factories)).toBe(1)
  })
})
