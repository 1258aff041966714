import { type Column, Frame, type Schema } from './frame.ts'

/** Frames of one schema, one below the other. */
export function joinFrames(frames: readonly Frame[], schema: Schema, target: string | undefined): Frame {
  const [only] = frames
  if (only !== undefined && frames.length === 1) return only.withTarget(target)
  const length = frames.reduce((sum, frame) => sum + frame.length, 0)
  const columns = new Map<string, Column>()
  for (const [name, type] of schema) {
    if (type === 'number' || type === 'date') {
      const values = new Float64Array(length)
      let at = 0
      for (const frame of frames) {
        values.set(frame.columns.get(name)?.values as Float64Array, at)
        at += frame.length
      }
      columns.set(name, { type, values })
    } else
      columns.set(name, {
        type,
        values: ([] as unknown[]).concat(
          ...frames.map((frame) => frame.columns.get(name)?.values as readonly unknown[]),
        ),
      })
  }
  const positions = new Float64Array(length)
  let at = 0
  for (const frame of frames)
    for (let row = 0; row < frame.length; row++) positions[at++] = frame.positionOf(row)
  return new Frame(columns, length, positions, target)
}
