import type { Assembler, Label, Operand } from './assembler.ts'

/** Floats in a vector register. */
export const lanes = 8

/**
 * Eight words of ones followed by eight of zeros, with the label `end` between them: the mask of a vector's first n
 * floats begins 4·n bytes before it (`loadMask` in partial-vectors.ts).
 */
export function emitMasks(assembler: Assembler, end: Label): void {
  assembler.align(4 * lanes)
  assembler.data(new Uint8Array(4 * lanes).fill(0xff))
  assembler.place(end)
  assembler.data(new Uint8Array(4 * lanes))
}

/** Constants as vectors of eight, behind the code. */
export class ConstantPool {
  readonly #labels = new Map<string, { readonly label: Label; readonly word: number }>()
  readonly #assembler: Assembler

  constructor(assembler: Assembler) {
    this.#assembler = assembler
  }

  word(word: number): Operand {
    const key = String(word)
    const known = this.#labels.get(key)
    if (known !== undefined) return { label: known.label }
    const label = this.#assembler.label(`constant ${key}`)
    this.#labels.set(key, { label, word })
    return { label }
  }

  float(value: number): Operand {
    return this.word(new Uint32Array(Float32Array.of(value).buffer)[0] as number)
  }

  emit(): void {
    this.#assembler.align(32)
    for (const { label, word } of this.#labels.values()) {
      this.#assembler.place(label)
      this.#assembler.data(new Uint8Array(Uint32Array.from({ length: lanes }, () => word).buffer))
    }
  }
}
