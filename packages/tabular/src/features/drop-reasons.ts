import type { ReportLanguage } from '../report-language.ts'

/** Kinds of columns that nothing can be learned from. */
export type DropReason = 'empty' | 'nested' | 'constant' | 'identifier'

/** Why a column is not used, behind its name. */
export const dropReasons: Readonly<Record<ReportLanguage, Readonly<Record<DropReason, string>>>> = {
  en: {
    empty: 'has no value',
    nested: 'has lists, structures or bytes',
    constant: 'has one value in all rows',
    identifier: 'is different in nearly every row, as a name or an identifier is',
  },
  zh: {
    empty: '没有任何值',
    nested: '含有列表、结构或字节',
    constant: '所有行取同一个值',
    identifier: '几乎每行都不同，像姓名或编号',
  },
}
