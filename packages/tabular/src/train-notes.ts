import type { DroppedColumn } from './features/column-roles.ts'
import { type DropReason, dropReasons } from './features/drop-reasons.ts'
import { words } from './page/languages.ts'
import type { ReportLanguage } from './report-language.ts'

/** Something of a training that should be known. */
export type TrainNote =
  | { readonly kind: 'without target'; readonly rows: number }
  | { readonly kind: 'one class judged'; readonly value: string }
  | {
      readonly kind: 'fitted to all'
      /** All that have a target. */
      readonly rows: number
      /** Those that nothing is judged on. */
      readonly training: number
    }
  | {
      readonly kind: 'not fitted to all'
      readonly models: readonly string[]
      readonly rows: number
      readonly training: number
    }
  | { readonly kind: 'dropped'; readonly column: string; readonly why: DropReason }
  | {
      readonly kind: 'skipped'
      readonly models: readonly string[]
      /** What ended before: the budget, or `stop`. */
      readonly end: 'budget' | 'stop'
      /** Seconds of the budget. */
      readonly budget: number
    }

type Note<K extends TrainNote['kind']> = Extract<TrainNote, { readonly kind: K }>
type Sentences = { readonly [K in TrainNote['kind']]: (note: Note<K>) => string }

const names: Readonly<Record<string, string>> = words.zh.candidates
const listed = (models: readonly string[]): string =>
  models.map((name) => (Object.hasOwn(names, name) ? names[name] : name)).join('、')

const sentences: Readonly<Record<ReportLanguage, Sentences>> = {
  en: {
    'without target': ({ rows }) => `${rows} rows without a target were left out.`,
    'one class judged': ({ value }) =>
      `All rows that are judged on are ${value}: there is no AUC, and how good the model is cannot be told from them.`,
    dropped: ({ column, why }) => `${column} is not used: it ${dropReasons.en[why]}.`,
    'fitted to all': ({ rows, training }) =>
      `What is told here was reached by the folds' models, which had learned from ${training} rows; in the end each model was fitted to all ${rows} (refit 'training' keeps what is judged).`,
    'not fitted to all': ({ models, rows, training }) =>
      `There was no time left to fit ${models.join(', ')} to all ${rows} rows: they have learned from ${training} of them.`,
    skipped: ({ models, end, budget }) =>
      `${end === 'stop' ? 'Training was stopped' : `The budget of ${budget} s was over`} before these were trained: ${models.join(', ')}.`,
  },
  zh: {
    'without target': ({ rows }) => `${rows} 行没有目标值，未计入。`,
    'one class judged': ({ value }) => `评估的行全是 ${value}：没有 AUC，无法据此判断模型的好坏。`,
    dropped: ({ column, why }) => `未使用 ${column}：${dropReasons.zh[why]}。`,
    'fitted to all': ({ rows, training }) =>
      `这里给出的是各折模型达到的水平，它们用 ${training} 行学习；最后每个模型用全部 ${rows} 行再拟合了一次（refit 取 'training' 则保留被评判的模型）。`,
    'not fitted to all': ({ models, rows, training }) =>
      `没有时间用全部 ${rows} 行再拟合以下模型：${listed(models)}；它们只用其中 ${training} 行学习。`,
    skipped: ({ models, end, budget }) =>
      `${end === 'stop' ? '训练被停止' : `${budget} 秒的预算用完`}，以下模型未训练：${listed(models)}。`,
  },
}

/** A note as a sentence. */
export const noteText = (note: TrainNote, language: ReportLanguage): string =>
  (sentences[language][note.kind] as (note: TrainNote) => string)(note)

/** What notes are made of. */
interface Noted {
  /** Rows without a target. */
  readonly missing: number
  /** The class of all rows that are judged on; undefined where there are several. */
  readonly only: string | undefined
  readonly dropped: readonly DroppedColumn[]
  readonly skipped: readonly string[]
  readonly end: 'budget' | 'stop'
  readonly budget: number
  /** Where the model was to be fitted to all rows. */
  readonly learned?: { readonly left: readonly string[]; readonly rows: number; readonly training: number }
}

/** What should be known of a training. */
export function trainNotes({ missing, only, dropped, skipped, end, budget, learned }: Noted): TrainNote[] {
  return [
    ...(missing > 0 ? [{ kind: 'without target', rows: missing } as const] : []),
    ...(only === undefined ? [] : [{ kind: 'one class judged', value: only } as const]),
    ...dropped.map(({ column, why }) => ({ kind: 'dropped', column, why }) as const),
    ...(skipped.length > 0 ? [{ kind: 'skipped', models: skipped, end, budget } as const] : []),
    ...(learned === undefined ? [] : [keptNote(learned)]),
  ]
}

const keptNote = ({ left, ...counts }: NonNullable<Noted['learned']>): TrainNote =>
  left.length === 0
    ? { kind: 'fitted to all', ...counts }
    : { kind: 'not fitted to all', models: left, ...counts }
