/** Vectors of which only the first floats count: what is left of a row whose length is no multiple of eight. */
import { type Assembler, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'

/**
 * mask = ones in the first `count` floats, zeros in the others.
 *
 * @param maskEnd the label that `emitMasks` places.
 * @param temporary a general register that this changes.
 */
export function loadMask(
  assembler: Assembler,
  mask: number,
  count: number,
  maskEnd: Label,
  temporary: number = gp.rax,
): void {
  assembler.address(temporary, { label: maskEnd })
  assembler.vectorMemory(vector.load, mask, 0, { base: temporary, displacement: -4 * count })
}

/** Eight floats; where the register of a mask is given, those that it keeps, and zeros for the others. */
export function loadFloats(assembler: Assembler, register: number, from: Operand, mask?: number): void {
  if (mask === undefined) assembler.vectorMemory(vector.load, register, 0, from)
  else assembler.vectorMemory(vector.maskLoad, register, mask, from)
}

/** Eight floats, or those that a mask keeps; memory behind them stays as it is. */
export function storeFloats(assembler: Assembler, register: number, to: Operand, mask?: number): void {
  if (mask === undefined) assembler.vectorMemory(vector.store, register, 0, to)
  else assembler.vectorMemory(vector.maskStore, register, mask, to)
}
