/** Letters that are no commands. S skips, Z undoes, B adds a box. */
const keys = [...'123456789', ...'qwertyuiopadfghjklxcvnm']

/** The key of a class by its place: digits, then letters as they lie on the keyboard; undefined behind the last. */
export const keyOfClass = (place: number): string | undefined => keys[place]

/** The place of the class that a key stands for, if there are so many. */
export function classOfKey(key: string, count: number): number | undefined {
  const place = keys.indexOf(key.toLowerCase())
  return place >= 0 && place < count ? place : undefined
}

/** The colour of a class: hues far from each other, neighbours most of all (the golden angle). */
export const hueOfClass = (place: number): number => Math.round((250 + place * 137.508) % 360)
