import { comparisons, nanOf, nearestEven, roundedSum, roundings, toInteger } from './float32.ts'
import type { EffectOf } from './general-instructions.ts'
import { placeOf, vectorOf, withImmediate } from './operands.ts'
import { type Processor, temporary } from './processor.ts'

/**
 * The vector instructions that compute, as far as the assembler emits them, by their definitions in Intel's manual (volume 2). Each computes
 * words of `processor.words`, in which registers are places, and sets what is above its own width to 0.
 */
export const vectorArithmetic: Readonly<Record<string, EffectOf>> = {
  vaddps: arithmetic((a, b) => a + b),
  vsubps: arithmetic((a, b) => a - b),
  vmulps: arithmetic((a, b) => a * b),
  vdivps: arithmetic((a, b) => a / b),
  vsqrtps: unary((x) => Math.sqrt(x)),
  vroundps: withImmediate((control) => {
    if (control > 11) throw new Error(`vroundps with ${control}: bits that this emulator does not know`)
    const round = (control & 4) === 0 ? roundings[control & 3] : nearestEven
    return unary(round as (x: number) => number)
  }),
  // Of two zeros, or where one operand is NaN, the second is the result, as it is.
  vminps: choosing((a, b) => a < b),
  vmaxps: choosing((a, b) => a > b),
  vcmpps: withImmediate((which) =>
    words((processor, i, j) =>
      (comparisons[which & 15] as (a: number, b: number) => boolean)(
        processor.floats[i] as number,
        processor.floats[j] as number,
      )
        ? -1
        : 0,
    ),
  ),
  // target = a · target + b; target + a · b; target − a · b.
  vfmadd213ps: fused((target, a, b) => [a, target, b], 1),
  vfmadd231ps: fused((target, a, b) => [a, b, target], 1),
  vfnmadd231ps: fused((target, a, b) => [a, b, target], -1),

  vandps: integers((a, b) => a & b),
  vorps: integers((a, b) => a | b),
  vxorps: integers((a, b) => a ^ b),
  vpxor: integers((a, b) => a ^ b),
  vpxord: integers((a, b) => a ^ b),
  vpcmpeqd: integers((a, b) => (a === b ? -1 : 0)),
  vpaddd: integers((a, b) => (a + b) | 0),
  vpsubd: integers((a, b) => (a - b) | 0),
  vpslld: shifting((a, bits) => (bits > 31 ? 0 : a << bits)),
  vpsrld: shifting((a, bits) => (bits > 31 ? 0 : (a >>> bits) | 0)),
  vpsrad: shifting((a, bits) => a >> Math.min(bits, 31)),
  vcvtdq2ps({ operands: [target, source] }, processor) {
    const [to, lanes] = vectorOf(target)
    const from = placeOf(source, processor, temporary.first)
    return () => {
      const at = from()
      for (let i = 0; i < lanes; i++) processor.floats[to + i] = processor.words[at + i] as number
      processor.clearFrom(to, lanes)
    }
  },
  vcvtps2dq({ operands: [target, source] }, processor) {
    const [to, lanes] = vectorOf(target)
    const from = placeOf(source, processor, temporary.first)
    return () => {
      const at = from()
      for (let i = 0; i < lanes; i++) processor.words[to + i] = toInteger(processor.floats[at + i] as number)
      processor.clearFrom(to, lanes)
    }
  },
}

/** target[i] = of(a[i], b[i]), by places of words. */
function words(of: (processor: Processor, i: number, j: number) => number): EffectOf {
  return ({ operands: [target, a, b] }, processor) => {
    const [to, lanes] = vectorOf(target)
    const [first] = vectorOf(a)
    const second = placeOf(b, processor, temporary.first)
    return () => {
      const other = second()
      for (let i = 0; i < lanes; i++) processor.words[to + i] = of(processor, first + i, other + i)
      processor.clearFrom(to, lanes)
    }
  }
}

function integers(of: (a: number, b: number) => number): EffectOf {
  return words(({ words }, i, j) => of(words[i] as number, words[j] as number))
}

function choosing(isFirst: (a: number, b: number) => boolean): EffectOf {
  return words(
    ({ floats, words }, i, j) => words[isFirst(floats[i] as number, floats[j] as number) ? i : j] as number,
  )
}

/** A result of single precision as a word: what is NaN has the bits of the operands. */
const word = new Float32Array(1)
const wordBits = new Int32Array(word.buffer)

function arithmetic(of: (a: number, b: number) => number): EffectOf {
  return words(({ floats, words }, i, j) => {
    const result = of(floats[i] as number, floats[j] as number)
    if (Number.isNaN(result)) return nanOf(words[i] as number, words[j] as number)
    word[0] = result
    return wordBits[0] as number
  })
}

function unary(of: (x: number) => number): EffectOf {
  return ({ operands: [target, source] }, processor) => {
    const [to, lanes] = vectorOf(target)
    const from = placeOf(source, processor, temporary.first)
    const { floats, words } = processor
    return () => {
      const at = from()
      for (let i = 0; i < lanes; i++) {
        const result = of(floats[at + i] as number)
        if (Number.isNaN(result)) words[to + i] = nanOf(words[at + i] as number, 0)
        else floats[to + i] = result
      }
      processor.clearFrom(to, lanes)
    }
  }
}

/**
 * target = ±x · y + z, rounded once.
 *
 * @param order of the operands that are multiplied, and of the one that is added.
 */
function fused(
  order: (target: number, a: number, b: number) => readonly [x: number, y: number, z: number],
  sign: 1 | -1,
): EffectOf {
  return ({ operands: [target, a, b] }, processor) => {
    const [to, lanes] = vectorOf(target)
    const [first] = vectorOf(a)
    const second = placeOf(b, processor, temporary.first)
    const { floats, words } = processor
    return () => {
      const [x, y, z] = order(to, first, second())
      for (let i = 0; i < lanes; i++) {
        const product = sign * (floats[x + i] as number) * (floats[y + i] as number)
        const result = roundedSum(product, floats[z + i] as number)
        if (Number.isNaN(result))
          words[to + i] = nanOf(words[x + i] as number, words[y + i] as number, words[z + i] as number)
        else floats[to + i] = result
      }
      processor.clearFrom(to, lanes)
    }
  }
}

function shifting(of: (a: number, bits: number) => number): EffectOf {
  return withImmediate((bits) => ({ operands: [target, source] }, processor) => {
    const { words } = processor
    const [to, lanes] = vectorOf(target)
    const [from] = vectorOf(source)
    return () => {
      for (let i = 0; i < lanes; i++) words[to + i] = of(words[from + i] as number, bits)
      processor.clearFrom(to, lanes)
    }
  })
}
