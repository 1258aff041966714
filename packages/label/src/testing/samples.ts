import { encode } from 'fast-png'

/** A picture of a sky, a meadow and two things on it, for tests and for the guide. */
export function landscape(width = 640, height = 400): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height]
      const isSun = Math.hypot((u - 0.78) * 1.6, v - 0.22) < 0.1
      const isHouse = u > 0.18 && u < 0.4 && v > 0.48 && v < 0.78
      const isRoof = v > 0.3 && v <= 0.48 && Math.abs(u - 0.29) < (v - 0.3) * 0.8
      const isMeadow = v > 0.68 + 0.03 * Math.sin(9 * u)
      const colour = isSun
        ? [250, 205, 70]
        : isRoof
          ? [165, 65, 50]
          : isHouse
            ? [232, 214, 186]
            : isMeadow
              ? [110, 165 - 60 * (v - 0.7), 85]
              : [150 + 70 * v, 195 + 35 * v, 240]
      data.set(colour, (y * width + x) * 3)
    }
  return encode({ width, height, channels: 3, depth: 8, data })
}

/** A second of a tone that swells three times, as WAV: 16 bits, one channel. */
export function tone(rate = 8000): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * rate))
  const write = (at: number, text: string): void => {
    for (const [i, letter] of [...text].entries()) bytes.setUint8(at + i, letter.charCodeAt(0))
  }
  write(0, 'RIFF')
  bytes.setUint32(4, 36 + 2 * rate, true)
  write(8, 'WAVEfmt ')
  bytes.setUint32(16, 16, true)
  bytes.setUint16(20, 1, true)
  bytes.setUint16(22, 1, true)
  bytes.setUint32(24, rate, true)
  bytes.setUint32(28, 2 * rate, true)
  bytes.setUint16(32, 2, true)
  bytes.setUint16(34, 16, true)
  write(36, 'data')
  bytes.setUint32(40, 2 * rate, true)
  for (let i = 0; i < rate; i++) {
    const loudness = Math.abs(Math.sin((3 * Math.PI * i) / rate))
    bytes.setInt16(44 + 2 * i, 20_000 * loudness * Math.sin((2 * Math.PI * 330 * i) / rate), true)
  }
  return new Uint8Array(bytes.buffer)
}
