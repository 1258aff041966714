import { ArgumentError } from 'typegrad/core'

/** Refuses a number that a condition refuses. */
export function need(
  where: string,
  value: number,
  expected: string,
  holds: (value: number) => boolean,
): void {
  if (typeof value === 'number' && holds(value)) return
  throw new ArgumentError({ where, expected, received: String(value) })
}

export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1
export const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 0

/** Refuses ids of tokens that are none; gives one or several as a list. */
export function tokenIds(where: string, ids: number | readonly number[]): readonly number[] {
  const list = typeof ids === 'number' ? [ids] : ids
  for (const id of list) need(where, id, 'ids of tokens, whole numbers of at least 0', isWhole)
  return list
}
