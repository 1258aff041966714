import { type Frame, type RowSource, readTable, recipe } from '@typegrad/data'
import { ArgumentError, nearestName } from 'typegrad/core'

/** A table of a file, or of rows, in memory. */
export async function frameOf(source: string | RowSource): Promise<Frame> {
  const { frame } = await recipe([]).fitTransform(
    typeof source === 'string' ? await readTable(source) : source,
  )
  return frame
}

/** @throws ArgumentError, with the nearest name, for a column that there is not. */
export function checkColumn(frame: Frame, where: string, name: string): void {
  if (frame.has(name)) return
  const near = nearestName(name, frame.names)
  throw new ArgumentError({
    where,
    expected: `one of the columns ${frame.names.join(', ')}`,
    received: `'${name}'`,
    ...(near !== undefined && { fix: `Did you mean '${near}'?` }),
  })
}
