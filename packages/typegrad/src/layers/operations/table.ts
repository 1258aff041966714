import { activationRows } from './activation-rows.ts'
import { elementwiseRows } from './elementwise.ts'
import { rearrangementRows } from './rearrangement-rows.ts'
import { reductionRows } from './reduction-rows.ts'
import type { Row } from './row.ts'

/**
 * Keras's operations by the names of their classes: what the classes take, what they compute, and which functions of this
 * library make one of a symbolic tensor. Calls on symbolic tensors and files are both served from here.
 */
export const operations = {
  ...elementwiseRows,
  ...activationRows,
  ...reductionRows,
  ...rearrangementRows,
} satisfies Readonly<Record<string, Row>>

export type OperationName = keyof typeof operations

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(operations, name)
