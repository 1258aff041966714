import type { ColumnSelection, Step } from './step.ts'
import type { CleanTextOptions, CoerceOptions, MarkMissingOptions } from './steps/cells.ts'
import type {
  DropConstantOptions,
  DropDuplicatesOptions,
  DropMissingOptions,
  DropSparseOptions,
} from './steps/columns.ts'
import type { DatePartsOptions, ParseDatesOptions } from './steps/dates.ts'
import type { DiscretizeOptions } from './steps/discretize.ts'
import type { PowerTransformOptions, QuantileTransformOptions } from './steps/distributions.ts'
import type { GroupRareOptions, OneHotOptions, OrdinalOptions } from './steps/encoders.ts'
import type { ImputeOptions } from './steps/impute.ts'
import type { KnnImputeOptions } from './steps/knn-impute.ts'
import type { ClipOptions, WinsorizeOptions } from './steps/limits.ts'
import type { ParseNumbersOptions } from './steps/parse-numbers.ts'
import type { MinMaxOptions, RobustScaleOptions, StandardizeOptions } from './steps/scaling.ts'
import { stepMakers } from './steps/table.ts'
import type { TargetEncodeOptions } from './steps/target-encode.ts'
import type { HashTextOptions, TextCountsOptions, TfIdfOptions } from './steps/text.ts'

/** The columns of all steps together. */
const everything = undefined

/**
 * The steps of a recipe. Each takes the columns that it works on (a name, names, or `{ type: 'number' }` for all of a type) and its
 * options. Missing cells (null, undefined, NaN) stay missing, but for the steps that fill them.
 *
 * @example
 * recipe([cleaning.parseNumbers('price', { format: 'en' }), cleaning.impute({ type: 'number' }), cleaning.oneHot(['city', 'kind'])])
 */
export const cleaning = {
  /**
   * Cells that stand for nothing become missing.
   *
   * @example cleaning.markMissing(['age', 'city'], { values: ['?', 'n/a', -999], blank: true })
   */
  markMissing: (columns: ColumnSelection, options: MarkMissingOptions): Step =>
    stepMakers.markMissing(columns, options),
  /**
   * Numbers that are written as text: money, percent, accounts' negatives in brackets.
   *
   * @throws DataError, with row and column, for what is no number so written.
   * @example cleaning.parseNumbers('price', { format: 'en' }) // '$1,234.50' → 1234.5, '12 %' → 0.12, '(300)' → −300
   */
  parseNumbers: (columns: ColumnSelection, options: ParseNumbersOptions): Step =>
    stepMakers.parseNumbers(columns, options),
  /**
   * Dates that are written as text; those without an offset are UTC.
   *
   * @throws DataError, with row and column, for what is no date so written, or one that there is not: 30 February.
   */
  parseDates: (columns: ColumnSelection, options: ParseDatesOptions = {}): Step =>
    stepMakers.parseDates(columns, options),
  /** Cells as another type. @throws DataError, with row and column, for a cell that is nothing of the kind. */
  coerce: (columns: ColumnSelection, options: CoerceOptions): Step => stepMakers.coerce(columns, options),
  /** Texts with their spaces, letters and Unicode form made alike, so that the same category is one. */
  cleanText: (columns: ColumnSelection, options: CleanTextOptions = {}): Step =>
    stepMakers.cleanText(columns, options),

  /**
   * Missing cells filled with what the column tells, or with a value (scikit-learn's `SimpleImputer`).
   *
   * @throws DataError for a column without any value, unless a constant fills it.
   */
  impute: (columns: ColumnSelection, options: ImputeOptions = {}): Step =>
    stepMakers.impute(columns, options),
  /**
   * Missing numbers filled with the mean of the rows that are nearest by the other columns (scikit-learn's `KNNImputer`; Troyanskaya
   * et al., "Missing value estimation methods for DNA microarrays", 2001). The rows that it is fitted to are kept with the recipe, and
   * each row with a gap is compared with all of them.
   */
  knnImpute: (columns: ColumnSelection, options: KnnImputeOptions = {}): Step =>
    stepMakers.knnImpute(columns, options),
  /** Rows that lack cells go, when the recipe is fitted; rows that come all stay. Default all columns. */
  dropMissing: (columns: ColumnSelection | undefined = everything, options: DropMissingOptions = {}): Step =>
    stepMakers.dropMissing(columns, options),
  /**
   * Rows that are the same in these columns go but for one, when the recipe is fitted; rows that come all stay. A text is kept for each
   * that differs. Default all columns.
   */
  dropDuplicates: (
    columns: ColumnSelection | undefined = everything,
    options: DropDuplicatesOptions = {},
  ): Step => stepMakers.dropDuplicates(columns, options),

  /** Columns that go. */
  drop: (columns: ColumnSelection): Step => stepMakers.drop(columns, {}),
  /** Columns with other names. */
  rename: (names: Readonly<Record<string, string>>): Step =>
    stepMakers.rename(Object.keys(names), { to: Object.values(names) }),
  /** Columns that have one value alone, in the rows that are fitted to, go. Default all but the target. */
  dropConstant: (
    columns: ColumnSelection | undefined = everything,
    options: DropConstantOptions = {},
  ): Step => stepMakers.dropConstant(columns, options),
  /** Columns too many of whose cells are missing, in the rows that are fitted to, go. Default all but the target. */
  dropSparse: (columns: ColumnSelection | undefined = everything, options: DropSparseOptions = {}): Step =>
    stepMakers.dropSparse(columns, options),

  /** Numbers beyond limits become the limit. */
  clip: (columns: ColumnSelection, options: ClipOptions): Step => stepMakers.clip(columns, options),
  /** Numbers beyond two quantiles of the column become the quantile. */
  winsorize: (columns: ColumnSelection, options: WinsorizeOptions = {}): Step =>
    stepMakers.winsorize(columns, options),
  /** Mean 0 and standard deviation 1 (scikit-learn's `StandardScaler`). */
  standardize: (columns: ColumnSelection, options: StandardizeOptions = {}): Step =>
    stepMakers.standardize(columns, options),
  /** The least number becomes 0, and the greatest 1 (scikit-learn's `MinMaxScaler`). */
  minMax: (columns: ColumnSelection, options: MinMaxOptions = {}): Step =>
    stepMakers.minMax(columns, options),
  /** Median 0, and 1 from the first to the third quarter, whatever the outliers (scikit-learn's `RobustScaler`). */
  robustScale: (columns: ColumnSelection, options: RobustScaleOptions = {}): Step =>
    stepMakers.robustScale(columns, options),
  /** Numbers spread evenly, or as a normal distribution, by their ranks (scikit-learn's `QuantileTransformer`). */
  quantileTransform: (columns: ColumnSelection, options: QuantileTransformOptions = {}): Step =>
    stepMakers.quantileTransform(columns, options),
  /**
   * The power of the numbers that is most like a normal distribution (scikit-learn's `PowerTransformer`). All numbers are in memory
   * while it is fitted.
   *
   * @throws DataError, with row and column, for numbers of 0 and less with Box and Cox's.
   */
  powerTransform: (columns: ColumnSelection, options: PowerTransformOptions = {}): Step =>
    stepMakers.powerTransform(columns, options),
  /** The number of the bin that a number is in, from 0 (scikit-learn's `KBinsDiscretizer`). */
  discretize: (columns: ColumnSelection, options: DiscretizeOptions = {}): Step =>
    stepMakers.discretize(columns, options),

  /** Rare categories become one. */
  groupRare: (columns: ColumnSelection, options: GroupRareOptions): Step =>
    stepMakers.groupRare(columns, options),
  /** A column of ones and zeros for each category: `city_Oslo` (scikit-learn's `OneHotEncoder`). A missing cell is a category of its own. */
  oneHot: (columns: ColumnSelection, options: OneHotOptions = {}): Step =>
    stepMakers.oneHot(columns, options),
  /** The number of each category, from 0 (scikit-learn's `OrdinalEncoder`). */
  ordinal: (columns: ColumnSelection, options: OrdinalOptions = {}): Step =>
    stepMakers.ordinal(columns, options),
  /**
   * The mean of the target for each category (scikit-learn's `TargetEncoder`). Of the rows that are fitted to, `fitTransform` encodes each
   * fold by what the others tell, so that no row's own target is in its features. The whole table is in memory while it is fitted.
   */
  targetEncode: (columns: ColumnSelection, options: TargetEncodeOptions = {}): Step =>
    stepMakers.targetEncode(columns, options),

  /** Year, weekday and the like of dates, and their cycles as sine and cosine. */
  dateParts: (columns: ColumnSelection, options: DatePartsOptions = {}): Step =>
    stepMakers.dateParts(columns, options),

  /** Characters, words and the like of texts, counted in columns beside them. */
  textCounts: (columns: ColumnSelection, options: TextCountsOptions = {}): Step =>
    stepMakers.textCounts(columns, options),
  /** A column for each term of the texts: how often it comes, times how rare it is (scikit-learn's `TfidfVectorizer`). A missing text is one without words. */
  tfIdf: (columns: ColumnSelection, options: TfIdfOptions = {}): Step => stepMakers.tfIdf(columns, options),
  /** Terms counted in columns that their hashes choose, with nothing to learn (scikit-learn's `HashingVectorizer`; Weinberger et al., "Feature hashing for large scale multitask learning", 2009). */
  hashText: (columns: ColumnSelection, options: HashTextOptions = {}): Step =>
    stepMakers.hashText(columns, options),
} as const
