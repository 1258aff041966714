import { cleanText, coerce, markMissing } from './cells.ts'
import { drop, dropConstant, dropDuplicates, dropMissing, dropSparse, rename } from './columns.ts'
import { dateParts, parseDates } from './dates.ts'
import { discretize } from './discretize.ts'
import { powerTransform, quantileTransform } from './distributions.ts'
import { groupRare, oneHot, ordinal } from './encoders.ts'
import { impute } from './impute.ts'
import { knnImpute } from './knn-impute.ts'
import { clip, winsorize } from './limits.ts'
import { parseNumbers } from './parse-numbers.ts'
import { minMax, robustScale, standardize } from './scaling.ts'
import { targetEncode } from './target-encode.ts'
import { hashText, textCounts, tfIdf } from './text.ts'

/** All kinds of steps by their names, by which files find them again. */
export const stepMakers = {
  cleanText,
  clip,
  coerce,
  dateParts,
  discretize,
  drop,
  dropConstant,
  dropDuplicates,
  dropMissing,
  dropSparse,
  groupRare,
  hashText,
  impute,
  knnImpute,
  markMissing,
  minMax,
  oneHot,
  ordinal,
  parseDates,
  parseNumbers,
  powerTransform,
  quantileTransform,
  rename,
  robustScale,
  standardize,
  targetEncode,
  textCounts,
  tfIdf,
  winsorize,
} as const

export type StepKind = keyof typeof stepMakers
