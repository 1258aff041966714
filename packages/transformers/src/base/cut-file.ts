import { FormatError } from 'typegrad/core'

/** The error for a file of tensors that ends before they do. */
export const cutFile = (path: string, received: string): FormatError =>
  new FormatError({
    where: path,
    expected: 'a file that holds all of its tensors',
    received,
    fix: 'It was cut: fetch it again.',
  })
