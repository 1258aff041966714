import type { Instruction } from './decode.ts'
import { addressOf, type Effect, type EffectOf } from './general-instructions.ts'
import { placeOf, unknownForm, vectorOf, withImmediate } from './operands.ts'
import { type Processor, registerWords, temporary } from './processor.ts'

/**
 * The vector instructions that move bits, as far as the assembler emits them, by their definitions in Intel's manual
 * (volume 2).
 */
export const vectorMovement: Readonly<Record<string, EffectOf>> = {
  vmovups: move,
  vmovq({ operands: [target, source] }, processor) {
    if (target?.kind !== 'memory') unknownForm()
    const [from] = vectorOf(source)
    const address = addressOf(target, processor)
    return () => processor.memory.writeWords(address(), processor.words, from, 2)
  },
  vbroadcastss({ operands: [target, source] }, processor) {
    if (source?.kind !== 'memory') unknownForm()
    const [to, lanes] = vectorOf(target)
    const address = addressOf(source, processor)
    return () => {
      processor.words.fill(processor.memory.readWord(address()), to, to + lanes)
      processor.clearFrom(to, lanes)
    }
  },
  vpbroadcastb({ operands: [target, source] }, processor) {
    if (source?.kind !== 'memory') unknownForm()
    const [to, lanes] = vectorOf(target)
    const address = addressOf(source, processor)
    return () => {
      processor.words.fill(processor.memory.readByte(address()) * 0x01010101, to, to + lanes)
      processor.clearFrom(to, lanes)
    }
  },
  /** Elements whose mask's sign is not set are neither read nor written, wherever they lie. */
  vmaskmovps({ operands: [target, second, third] }, processor) {
    const [mask] = vectorOf(second)
    const { memory } = processor
    const isMeant = (i: number): boolean => (processor.words[mask + i] as number) < 0
    if (target?.kind === 'memory') {
      const [from, lanes] = vectorOf(third)
      const address = addressOf(target, processor)
      return () => {
        const at = address()
        for (let i = 0; i < lanes; i++)
          if (isMeant(i)) memory.writeWord(at + 4 * i, processor.words[from + i] as number)
      }
    }
    if (third?.kind !== 'memory') unknownForm()
    const [to, lanes] = vectorOf(target)
    const address = addressOf(third, processor)
    return () => {
      const at = address()
      for (let i = 0; i < lanes; i++)
        processor.words[temporary.first + i] = isMeant(i) ? memory.readWord(at + 4 * i) : 0
      processor.words.copyWithin(to, temporary.first, temporary.first + lanes)
      processor.clearFrom(to, lanes)
    }
  },
  /** Where the mask's sign is set b, else a. */
  vblendvps({ operands: [target, a, b, mask] }, processor) {
    const [to, lanes] = vectorOf(target)
    const [first] = vectorOf(a)
    const second = placeOf(b, processor, temporary.first)
    const [chosen] = vectorOf(mask)
    return () => {
      const other = second()
      for (let i = 0; i < lanes; i++)
        processor.words[to + i] = processor.words[
          ((processor.words[chosen + i] as number) < 0 ? other : first) + i
        ] as number
      processor.clearFrom(to, lanes)
    }
  },
  kmovw({ operands: [target, source] }, processor) {
    if (target?.kind !== 'mask' || source?.kind !== 'general') unknownForm()
    return () => {
      const bits = processor.general[source.register] as number
      if (Number.isNaN(bits)) throw new Error('reads a register that was never written')
      processor.masks[target.register] = bits & 0xffff
    }
  },
  vzeroupper: (_, processor) => () => {
    for (let i = 0; i < 16; i++) processor.clearFrom(i * registerWords, 4)
  },

  // Elements change places.
  /** target[i] = b[a[i]] */
  vpermps({ operands: [target, a, b] }, processor) {
    const [to, lanes] = vectorOf(target)
    const [index] = vectorOf(a)
    const second = placeOf(b, processor, temporary.first)
    const { words } = processor
    return () => {
      const other = second()
      for (let i = 0; i < lanes; i++)
        words[temporary.second + i] = words[other + ((words[index + i] as number) & (lanes - 1))] as number
      words.copyWithin(to, temporary.second, temporary.second + lanes)
      processor.clearFrom(to, lanes)
    }
  },
  vpermilps: withImmediate((control) =>
    gathering((i) => ({ of: 'first', at: (i & ~3) + ((control >> (2 * (i & 3))) & 3) })),
  ),
  vshufps: withImmediate((control) =>
    gathering((i) => ({
      of: (i & 3) < 2 ? 'first' : 'second',
      at: (i & ~3) + ((control >> (2 * (i & 3))) & 3),
    })),
  ),
  vunpcklps: gathering((i) => ({ of: (i & 1) === 0 ? 'first' : 'second', at: (i & ~3) + ((i & 3) >> 1) })),
  vunpckhps: gathering((i) => ({
    of: (i & 1) === 0 ? 'first' : 'second',
    at: (i & ~3) + 2 + ((i & 3) >> 1),
  })),
  vperm2f128: withImmediate((control) =>
    gathering((i) => {
      const half = control >> (i < 4 ? 0 : 4)
      if ((half & 8) !== 0) return undefined
      return { of: (half & 2) === 0 ? 'first' : 'second', at: 4 * (half & 1) + (i & 3) }
    }),
  ),
  vextracti128({ operands: [target, source, half] }, processor) {
    const [to, lanes] = vectorOf(target)
    const [from] = vectorOf(source)
    if (half?.kind !== 'immediate') unknownForm()
    const begin = from + 4 * (half.value & 1)
    return () => {
      processor.words.copyWithin(to, begin, begin + 4)
      processor.clearFrom(to, lanes)
    }
  },
  vpmovzxbd({ operands: [target, source] }, processor) {
    if (source?.kind !== 'memory') unknownForm()
    const [to, lanes] = vectorOf(target)
    const address = addressOf(source, processor)
    return () => {
      const at = address()
      for (let i = 0; i < lanes; i++) processor.words[to + i] = processor.memory.readByte(at + i)
      processor.clearFrom(to, lanes)
    }
  },
  vpackssdw: packing(4),
  vpacksswb: packing(2),
}

/**
 * vmovups, the one instruction that the assembler masks: what a mask leaves out stays as it is, or becomes 0 in a
 * register where the prefix says so; in memory it is neither read nor written, wherever it lies.
 */
function move({ operands: [target, source], mask, zeroes }: Instruction, processor: Processor): Effect {
  const { memory, words } = processor
  const isMeant = (i: number): boolean => ((processor.mask(mask) >> i) & 1) === 1
  if (target?.kind === 'memory') {
    const [from, lanes] = vectorOf(source)
    const address = addressOf(target, processor)
    if (mask === 0) return () => memory.writeWords(address(), words, from, lanes)
    if (zeroes) unknownForm()
    return () => {
      const at = address()
      for (let i = 0; i < lanes; i++) if (isMeant(i)) memory.writeWord(at + 4 * i, words[from + i] as number)
    }
  }
  const [to, lanes] = vectorOf(target)
  if (source?.kind !== 'memory') {
    const [from] = vectorOf(source)
    if (mask !== 0) unknownForm()
    return () => {
      words.copyWithin(to, from, from + lanes)
      processor.clearFrom(to, lanes)
    }
  }
  const address = addressOf(source, processor)
  if (mask === 0)
    return () => {
      memory.readWords(address(), words, to, lanes)
      processor.clearFrom(to, lanes)
    }
  return () => {
    const at = address()
    for (let i = 0; i < lanes; i++)
      if (isMeant(i)) words[to + i] = memory.readWord(at + 4 * i)
      else if (zeroes) words[to + i] = 0
    processor.clearFrom(to, lanes)
  }
}

/** Which operand an element comes from, and from which place there; undefined where it becomes 0. */
type Origin = { readonly of: 'first' | 'second'; readonly at: number } | undefined

/** Elements change places in a way that the instruction says, whatever the operands are. */
function gathering(originOf: (i: number) => Origin): EffectOf {
  return ({ operands }, processor) => {
    const [to, lanes] = vectorOf(operands[0])
    const first = placeOf(operands[1], processor, temporary.first)
    // Of one operand that is all.
    const second = operands[2] === undefined ? first : placeOf(operands[2], processor, temporary.first)
    const origins = Array.from({ length: lanes }, (_, i) => originOf(i))
    const { words } = processor
    return () => {
      const places = { first: first(), second: second() }
      origins.forEach((origin, i) => {
        words[temporary.second + i] =
          origin === undefined ? 0 : (words[places[origin.of] + origin.at] as number)
      })
      words.copyWithin(to, temporary.second, temporary.second + lanes)
      processor.clearFrom(to, lanes)
    }
  }
}

/**
 * Integers of so many bytes of a, then those of b, become half as wide in each half of a register, where what does not fit
 * becomes the nearest that does.
 */
function packing(from: 4 | 2): EffectOf {
  return ({ operands: [target, a, b] }, processor) => {
    const [to, lanes] = vectorOf(target)
    const [first] = vectorOf(a)
    const second = placeOf(b, processor, temporary.first)
    const { words } = processor
    const view = new DataView(words.buffer)
    const most = 2 ** (4 * from - 1) - 1
    return () => {
      const other = second()
      for (let half = 0; half < lanes / 4; half++)
        for (let i = 0; i < 32 / from; i++) {
          const isFirst = i < 16 / from
          const at = 4 * ((isFirst ? first : other) + 4 * half) + from * (i % (16 / from))
          const wide = from === 4 ? view.getInt32(at, true) : view.getInt16(at, true)
          const narrow = Math.max(-most - 1, Math.min(most, wide))
          const result = 4 * (temporary.second + 4 * half) + (from / 2) * i
          if (from === 4) view.setInt16(result, narrow, true)
          else view.setInt8(result, narrow)
        }
      words.copyWithin(to, temporary.second, temporary.second + lanes)
      processor.clearFrom(to, lanes)
    }
  }
}
