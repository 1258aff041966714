import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

const read = (...args: string[]) =>
  readOptions({ epochs: 3, output: 'runs/mnist', resume: false, fold: 0 }, args)

describe('options of a program', () => {
  it('are the defaults where nothing else is given', () => {
    expect(read()).toEqual({ epochs: 3, output: 'runs/mnist', resume: false, fold: 0 })
  })

  it('are read by the kind of the default', () => {
    expect(read('--epochs', '15', '--output=elsewhere', '--resume')).toEqual({
      epochs: 15,
      output: 'elsewhere',
      resume: true,
      fold: 0,
    })
  })

  it('take decimals where the default has some, and words without a name where one is told', () => {
    const defaults = { folder: '', temperature: 0.7, tokens: 8 }
    expect(readOptions(defaults, ['my', 'model', '--temperature', '1.25'], 'folder')).toEqual({
      folder: 'my model',
      temperature: 1.25,
      tokens: 8,
    })
    expect(() => readOptions(defaults, ['--temperature', 'hot'], 'folder')).toThrow(
      '--temperature: expected a number, such as 0.7, received hot.',
    )
    expect(() => readOptions(defaults, ['--seed', '3'], 'folder')).toThrow(
      'expected some of a folder, --temperature 0.7, --tokens 8, received --seed.',
    )
  })

  it.each([
    [
      ['--epoch', '5'],
      /^Options: expected some of --epochs 3, --output runs\/mnist, --resume, --fold 0, received --epoch/,
    ],
    [['five'], /received five\.$/],
    [['--epochs', 'five'], /^--epochs: expected a whole number, such as 3, received five\.$/],
    [['--epochs', '-1'], /^--epochs: expected/],
    [['--epochs'], /^--epochs: expected a value, such as 3, received nothing\.$/],
    [['--resume=no'], /^--resume: expected nothing behind it, received no\.$/],
  ])('are refused: %j', (args, message) => {
    expect(() => read(...args)).toThrow(message)
  })
})
