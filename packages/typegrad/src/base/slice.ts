/** `start:stop:step` of Python: null for what is left out. */
export interface Slice {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number | null
}

/** A slice whose step is known. */
export interface SteppedSlice extends Slice {
  readonly step: number
}

/** A slice as the graph has it: bounds within the axis, the stop −1 where a negative step ends at the first element. */
export interface SliceBounds {
  readonly start: number
  readonly stop: number
  readonly step: number
}
