import type { ReportLanguage } from '../report-language.ts'
import { zh } from './chinese.ts'
import { en } from './english.ts'
import type { Words } from './words.ts'

/** All that a page says, in each language. */
export const words: Readonly<Record<ReportLanguage, Words>> = { en, zh }
