const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size in bytes with the unit that suits it. */
export function bytesText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** A whole number with commas. */
export const countText = (count: number): string => count.toLocaleString('en-US')

/** A shape as the library writes it; sizes that are open are `?`. */
export const shapeText = (shape: readonly (number | string | null)[] | undefined): string =>
  shape === undefined ? '?' : `[${shape.map((size) => size ?? '?').join(', ')}]`
