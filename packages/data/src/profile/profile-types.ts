/** What kind of thing a column holds, for what can be said of it. */
export type ColumnKind = 'number' | 'category' | 'time' | 'text' | 'other'

export interface TopValue {
  readonly value: string
  readonly count: number
}

/** Equal bins from the least to the greatest value. */
export interface Histogram {
  /** One more than there are counts. Of times: milliseconds from 1970 on. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}

/** One column. Counts, extremes, mean and standard deviation are of all rows; the rest is of those that were looked at (`sample`). */
export interface ColumnProfile {
  readonly name: string
  /** As features have it: int64, string, timestamp[us]. */
  readonly type: string
  readonly kind: ColumnKind
  readonly missing: number
  /** How many different values there are: exact where all rows were looked at, else within some 2 %. */
  readonly distinct: number
  /** Of numbers and times: milliseconds from 1970 on. */
  readonly min?: number
  readonly max?: number
  readonly mean?: number
  /** Of a sample: divided by n − 1. */
  readonly std?: number
  /** The 5th, 25th, 50th, 75th and 95th percentile. */
  readonly quantiles?: readonly [number, number, number, number, number]
  readonly histogram?: Histogram
  readonly zeros?: number
  readonly negative?: number
  /** Infinite numbers and NaN. */
  readonly notFinite?: number
  /** Values further from the quartiles than 1.5 times their distance (Tukey's fences), among the rows that were looked at. */
  readonly outliers?: number
  /** The most frequent ones, of categories and texts. */
  readonly top?: readonly TopValue[]
  /** Of texts, in code points. */
  readonly length?: { readonly min: number; readonly mean: number; readonly max: number }
}

/** How two columns hang together. */
export interface ColumnPair {
  readonly a: string
  readonly b: string
  /** Numbers with numbers: Pearson's r and Spearman's ρ; categories with categories: Cramér's V; a category with a number: the correlation ratio η. */
  readonly measure: 'pearson' | 'cramersV' | 'correlationRatio'
  readonly value: number
  readonly spearman?: number
  /** As a share of the smaller entropy; numbers in ten bins with equally many. */
  readonly mutualInformation: number
}

export type FindingKind =
  | 'constant'
  | 'missing'
  | 'duplicateRows'
  | 'identifier'
  | 'notFinite'
  | 'outliers'
  | 'mixedText'
  | 'dateText'
  | 'oddTime'
  | 'imbalance'
  | 'copy'
  | 'targetLeak'
  | 'futureLeak'
  | 'drift'
  | 'newCategories'
  | 'otherColumns'

/** What should be looked at before a model is trained. */
export interface Finding {
  readonly kind: FindingKind
  readonly severity: 'error' | 'warning' | 'note'
  readonly columns: readonly string[]
  /** A sentence with the numbers. */
  readonly message: string
}

/** How one column of another table differs from this one's. */
export interface ColumnDrift {
  readonly name: string
  /** The population stability index: above 0.25, much has changed. */
  readonly psi: number
  /** Kolmogorov and Smirnov's of numbers and times, χ² of categories. */
  readonly test: 'kolmogorovSmirnov' | 'chiSquare'
  readonly statistic: number
  readonly p: number
  readonly missingBefore: number
  readonly missingNow: number
  /** Values of the other table that this one has not. */
  readonly newCategories: readonly TopValue[]
}

/** What a single column says of the target. */
export interface TargetPrediction {
  readonly column: string
  /** How much better than the most frequent class (or the mean) a prediction from this column alone is, on rows that it was not made from: 0 for no better, 1 for always right. */
  readonly skill: number
}

export interface TargetProfile {
  readonly column: string
  readonly task: 'classification' | 'regression'
  /** Of classification: from the most frequent on. */
  readonly classes?: readonly TopValue[]
  /** From the best on. */
  readonly predictions: readonly TargetPrediction[]
}

export interface ProfileNumbers {
  readonly rows: number
  /** Rows that were looked at for distributions, pairs and leaks; all of them where the table has no more. */
  readonly sample: number
  readonly duplicateRows: number
  readonly columns: readonly ColumnProfile[]
  readonly pairs: readonly ColumnPair[]
  readonly target?: TargetProfile
  readonly drift?: readonly ColumnDrift[]
  /** The gravest first. */
  readonly findings: readonly Finding[]
}
