import type { Box } from '../annotations/task.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

export const inPicture = ({ x, y }: Point, { width, height }: Size): Point => ({
  x: clamp(x, 0, width),
  y: clamp(y, 0, height),
})

/** The box between two corners, whichever they are. */
export const boxBetween = (a: Point, b: Point): Omit<Box, 'class'> => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x),
  height: Math.abs(a.y - b.y),
})

/** A box moved as far as the picture goes. */
export const moved = (box: Box, by: Point, { width, height }: Size): Box => ({
  ...box,
  x: clamp(box.x + by.x, 0, width - box.width),
  y: clamp(box.y + by.y, 0, height - box.height),
})

/** A box that is larger or smaller to the right and below, of a pixel at least. */
export const resized = (box: Box, by: Point, { width, height }: Size): Box => ({
  ...box,
  width: clamp(box.width + by.x, 1, width - box.x),
  height: clamp(box.height + by.y, 1, height - box.y),
})

/** A corner of a box by its number: 0 left above, 1 right above, 2 right below, 3 left below. */
export function corner({ x, y, width, height }: Omit<Box, 'class'>, number: number): Point {
  return { x: number === 1 || number === 2 ? x + width : x, y: number >= 2 ? y + height : y }
}
