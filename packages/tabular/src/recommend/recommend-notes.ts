import type { ReportLanguage } from '../report-language.ts'

/** Something of the training of a recommender that should be known. */
export type RecommendNote =
  | { readonly kind: 'incomplete'; readonly rows: number; readonly isRated: boolean }
  | { readonly kind: 'repeated'; readonly rows: number }
  | { readonly kind: 'cold'; readonly rows: number; readonly test: number }
  | {
      /** Models that there was no time for, or that stayed as they were chosen. */
      readonly kind: 'skipped' | 'kept'
      readonly models: readonly string[]
      /** What ended before: the budget, or `stop`. */
      readonly end: 'budget' | 'stop'
      /** Seconds of the budget. */
      readonly budget: number
    }

type Kind = RecommendNote['kind']
type Timed = Extract<RecommendNote, { readonly models: readonly string[] }>
type Note<K extends Kind> = K extends Timed['kind'] ? Timed : Extract<RecommendNote, { readonly kind: K }>
type Ended = Pick<Timed, 'end' | 'budget'>

const ended: Readonly<Record<ReportLanguage, (note: Ended) => string>> = {
  en: ({ end, budget }) => (end === 'stop' ? 'Training was stopped' : `The budget of ${budget} s was over`),
  zh: ({ end, budget }) => (end === 'stop' ? '训练被停止' : `${budget} 秒的预算用完`),
}

const sentences: Readonly<Record<ReportLanguage, { readonly [K in Kind]: (note: Note<K>) => string }>> = {
  en: {
    incomplete: ({ rows, isRated }) =>
      `${rows} rows without a user, an item${isRated ? ' or a rating' : ''} were left out.`,
    repeated: ({ rows }) => `${rows} rows repeat a user and an item: of each pair the latest was kept.`,
    cold: ({ rows, test }) =>
      `${rows} of the ${test} test rows have a user or an item that the training rows do not: they were judged as new ones are.`,
    skipped: (note) => `${ended.en(note)} before these were trained: ${note.models.join(', ')}.`,
    kept: (note) =>
      `${ended.en(note)} before these were fitted anew to all rows, and they know the training rows alone: ${note.models.join(', ')}.`,
  },
  zh: {
    incomplete: ({ rows, isRated }) => `${rows} 行缺少用户${isRated ? '、物品或评分' : '或物品'}，未计入。`,
    repeated: ({ rows }) => `${rows} 行重复了同一用户与物品：每一对只保留最晚的。`,
    cold: ({ rows, test }) =>
      `${test} 行测试数据中有 ${rows} 行的用户或物品不在训练行里：它们按新用户、新物品评判。`,
    skipped: (note) => `${ended.zh(note)}，以下模型未训练：${note.models.join('、')}。`,
    kept: (note) =>
      `${ended.zh(note)}，以下模型未能在全部行上重新拟合，只知道训练行：${note.models.join('、')}。`,
  },
}

/** A note as a sentence. */
export const recommendNoteText = (note: RecommendNote, language: ReportLanguage): string =>
  (sentences[language][note.kind] as (note: RecommendNote) => string)(note)
