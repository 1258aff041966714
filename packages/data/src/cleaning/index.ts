export { cleaning } from './cleaning.ts'
export type { Category, Column, ColumnType, FeatureMatrix, Schema } from './frame.ts'
export { Frame } from './frame.ts'
export {
  type FittedFrame,
  FittedRecipe,
  Recipe,
  type RecipeOptions,
  recipe,
  type StreamOptions,
} from './recipe.ts'
export type { SourceColumns } from './row-batches.ts'
export type { ColumnSource, RowSource } from './row-source.ts'
export type { SavedRecipe, SavedStep } from './saved-recipe.ts'
export { type Fraction, normalFractions } from './statistics/normal-fractions.ts'
export type { ColumnSelection, ColumnsOfType, Json, Step } from './step.ts'
export type * from './steps/options.ts'
