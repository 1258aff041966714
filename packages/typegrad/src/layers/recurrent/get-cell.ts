import { ArgumentError } from '../../base/errors.ts'
import { isSerialized, type SerializedObject } from '../../base/serialization.ts'
import type { Layer } from '../base/layer.ts'
import { nestedLayer } from '../base/nested.ts'
import { RecurrentCell } from './recurrent-cell.ts'

/** The cell that a saved configuration stands for; a cell stands for itself. @throws ArgumentError for no cell. */
export function getCell(cell: RecurrentCell | SerializedObject): RecurrentCell {
  const found: unknown = isSerialized(cell) ? nestedLayer(cell) : cell
  if (found instanceof RecurrentCell) return found
  throw new ArgumentError({
    where: 'RNN',
    expected: 'a recurrent cell',
    received: String((found as Partial<Layer> | undefined)?.className ?? found),
    fix: 'Take layers.lstmCell({ units }), or extend RecurrentCell.',
  })
}
