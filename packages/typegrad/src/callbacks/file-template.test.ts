import { expect, test } from 'vitest'
import { UnknownNameError } from '../base/errors.ts'
import { fillTemplate, templateNames } from './file-template.ts'

const values = { epoch: 3, batch: 12, val_loss: 0.25678, loss: 1234.5 }

// The right column is Python's str.format of the same.
test.each([
  ['plain', 'plain'],
  ['{epoch}', '3'],
  ['weights.{epoch:02d}-{val_loss:.2f}', 'weights.03-0.26'],
  ['{epoch:d}.{batch:4d}', '3.  12'],
  ['{val_loss:f}', '0.256780'],
  ['{val_loss:.3e}', '2.568e-1'],
  ['{loss:.2g}', '1200'],
  ['{val_loss}', '0.25678'],
])('%s', (template, expected) => expect(fillTemplate(template, values)).toBe(expected))

test('names', () => {
  expect(templateNames('{epoch:02d}-{val_loss:.2f}')).toEqual(['epoch', 'val_loss'])
  expect(() => fillTemplate('{val_los}', values)).toThrow(UnknownNameError)
  expect(() => fillTemplate('{val_los}', values)).toThrow("Did you mean 'val_loss'?")
})
