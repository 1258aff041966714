import { expect, test } from 'vitest'
import { hashedNumbers } from '../testing/golden.ts'
import { FourierTransform } from './fourier.ts'

test.each([1, 2, 3, 7, 8, 12, 30, 400])('a length of %i by its definition', (length) => {
  const x = {
    re: Float64Array.from(hashedNumbers('re', length)),
    im: Float64Array.from(hashedNumbers('im', length)),
  }
  const out = { re: new Float64Array(length), im: new Float64Array(length) }
  new FourierTransform(length).transform(x, out)
  for (let k = 0; k < length; k++) {
    let [re, im] = [0, 0]
    for (let n = 0; n < length; n++) {
      const angle = (-2 * Math.PI * k * n) / length
      const [a, b] = [x.re[n] as number, x.im[n] as number]
      re += a * Math.cos(angle) - b * Math.sin(angle)
      im += a * Math.sin(angle) + b * Math.cos(angle)
    }
    expect(out.re[k]).toBeCloseTo(re, 9)
    expect(out.im[k]).toBeCloseTo(im, 9)
  }
})
