import { FormatError, nearestName, TypegradError } from 'typegrad/core'
import type { ColumnType, Schema } from './frame.ts'
import { type ColumnSelection, isRecord, type Json, type Step } from './step.ts'
import { type StepKind, stepMakers } from './steps/table.ts'

export interface SavedStep {
  readonly kind: string
  readonly columns?: Json
  readonly options: Json
}

/** A fitted recipe as JSON. */
export interface SavedRecipe {
  readonly format: 'typegrad-recipe'
  readonly version: 1
  readonly steps: readonly SavedStep[]
  readonly target?: string
  /** Names and types, in order. */
  readonly input: readonly (readonly [string, ColumnType])[]
  readonly learned: readonly { readonly columns: readonly string[]; readonly learned: Json }[]
}

export const savedSchema = (schema: Schema): SavedRecipe['input'] => [...schema]

const types: readonly string[] = ['number', 'boolean', 'text', 'date', 'empty', 'mixed', 'other']

/** @throws FormatError. */
export function schemaFrom(input: unknown, where: string): Schema {
  const isPair = (pair: unknown): pair is readonly [string, ColumnType] =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && types.includes(pair[1])
  if (Array.isArray(input) && input.every(isPair)) return new Map(input)
  throw damaged(where, 'names and types of columns (input)')
}

/** What is not a recipe at all, or one of another version, is told apart from what is damaged. @throws FormatError. */
export function readRecipe(json: unknown, where: string): SavedRecipe {
  if (!isRecord(json) || json.format !== 'typegrad-recipe')
    throw new FormatError({
      where,
      expected: "a fitted recipe of typegrad ('format': 'typegrad-recipe')",
      received:
        isRecord(json) && typeof json.format === 'string' ? `the format '${json.format}'` : 'something else',
    })
  if (json.version !== 1)
    throw new FormatError({
      where,
      expected: 'version 1 of a recipe',
      received: `version ${JSON.stringify(json.version) ?? 'none'}`,
      fix: 'Read it with the version of @typegrad/data that wrote it, or fit the recipe again.',
    })
  const isLearned = (item: unknown): boolean =>
    isRecord(item) &&
    'learned' in item &&
    Array.isArray(item.columns) &&
    item.columns.every((name) => typeof name === 'string')
  if (!Array.isArray(json.learned) || !json.learned.every(isLearned))
    throw damaged(where, 'what the steps had learned (learned)')
  return json as unknown as SavedRecipe
}

/** Steps by their descriptions. @throws FormatError. */
export function readSteps(
  json: unknown,
  where: string,
): { readonly steps: readonly Step[]; readonly target: string | undefined } {
  if (!isRecord(json) || !Array.isArray(json.steps)) throw damaged(where, 'steps')
  const { target } = json
  if (target !== undefined && typeof target !== 'string') throw damaged(where, 'the name of a target')
  return { steps: json.steps.map((saved, i) => readStep(saved, `${where}: step ${i + 1}`)), target }
}

function readStep(saved: unknown, where: string): Step {
  if (!isRecord(saved) || typeof saved.kind !== 'string' || !isRecord(saved.options))
    throw damaged(where, 'a step with its kind and options')
  const { kind, columns, options } = saved
  if (!Object.hasOwn(stepMakers, kind)) {
    const near = nearestName(kind, Object.keys(stepMakers))
    throw new FormatError({
      where,
      expected: `a kind of step: ${Object.keys(stepMakers).join(', ')}`,
      received: `'${kind}'`,
      ...(near !== undefined && { fix: `Did you mean ${near}?` }),
    })
  }
  try {
    // The maker checks columns and options as it does those of a program.
    return stepMakers[kind as StepKind](columns as ColumnSelection, options as never)
  } catch (cause) {
    if (!(cause instanceof TypegradError)) throw cause
    throw new FormatError(
      { where, expected: 'columns and options that the step takes', received: cause.message },
      { cause },
    )
  }
}

const damaged = (where: string, expected: string): FormatError =>
  new FormatError({
    where,
    expected,
    received: 'something else',
    fix: 'It is damaged: fit the recipe again, or restore it from a copy.',
  })
