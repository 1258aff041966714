/** The committed cases: which there are, and where. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FamilyName } from './family.ts'
import type { Json, JsonObject } from './json.ts'
import { packed, unpacked } from './pack.ts'

/** A case and what Keras or PyTorch answers. */
export interface Recorded extends JsonObject {
  readonly name: string
  readonly backend: string
  readonly spec: JsonObject
  readonly answer: JsonObject
}

/** How many cases of each family are committed: a thousand in all. */
export const recordedCounts: Readonly<Record<FamilyName, number>> = {
  ops: 573,
  losses: 120,
  metrics: 120,
  optimizers: 80,
  models: 74,
  reverse: 33,
}

const file = (family: FamilyName): string =>
  fileURLToPath(new URL(`../../packages/typegrad/golden/differential/${family}.br`, import.meta.url))

export const readRecorded = (family: FamilyName): readonly Recorded[] =>
  unpacked(readFileSync(file(family))) as readonly Json[] as readonly Recorded[]

/** @returns the file's size. */
export function writeRecorded(family: FamilyName, cases: readonly Recorded[]): number {
  const bytes = packed(cases)
  writeFileSync(file(family), bytes)
  return bytes.length
}
