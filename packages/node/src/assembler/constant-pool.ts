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
  readonly #labels = new Map<string, { readonly label: Label; readonly words: readonly number[] }>()
  readonly #assembler: Assembler

  constructor(assembler: Assembler) {
    this.#assembler = assembler
  }

  /** One word in all lanes. */
  word(word: number): Operand {
    return this.words(Array.from({ length: lanes }, () => word))
  }

  float(value: number): Operand {
    return this.word(new Uint32Array(Float32Array.of(value).buffer)[0] as number)
  }

  /** A word for each lane. */
  words(words: readonly number[]): Operand {
    const key = words.join()
    const known = this.#labels.get(key)
    if (known !== undefined) return { label: known.label }
    const label = this.#assembler.label(`constant ${key}`)
    this.#labels.set(key, { label, words })
    return { label }
  }

  emit(): void {
    this.#assembler.align(32)
    for (const { label, words } of this.#labels.values()) {
      this.#assembler.place(label)
      this.#assembler.data(new Uint8Array(Uint32Array.from(words).buffer))
    }
  }
}
