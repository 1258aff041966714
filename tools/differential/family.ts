import type { Tolerance } from './compare.ts'
import type { Json, JsonObject } from './json.ts'
import type { Random } from './random.ts'

export const familyNames = ['models', 'reverse', 'ops', 'losses', 'metrics', 'optimizers'] as const
export type FamilyName = (typeof familyNames)[number]

/** A family of cases: what is made at random, answered by both sides, compared, and made smaller when it fails. */
export interface Family<S extends JsonObject = JsonObject> {
  readonly name: FamilyName
  /** Who answers first; the other one gets that answer (a file, say) along with the case. */
  readonly first: 'python' | 'here'
  /** The family whose Python side makes the same case by itself, where this one's opens our file. */
  readonly withoutFile?: FamilyName
  /** Which backends of Keras the Python side may run on; a family that needs none names one. */
  readonly backends: readonly string[]
  generate(random: Random): S
  /** typegrad's answer. Runs in a process of its own. */
  here(spec: S, theirs: JsonObject | undefined): Promise<JsonObject>
  tolerance(spec: S): Tolerance
  /** Parts of an answer that are compared; default all. */
  compared?(answer: JsonObject): Json
  /** Whether a case whose answers are not finite says something. Default no. */
  keepsExtremes?(spec: S): boolean
  /** Simpler cases, the most drastic first. They may be invalid: then Python refuses them. */
  shrinks(spec: S): Iterable<S>
  /** The case as a program in TypeScript, and in Python. */
  typescript(spec: S): string
  python(spec: S): string
}
