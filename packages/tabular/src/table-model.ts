import { type Category, FittedRecipe, type RowSource } from '@typegrad/data'
import { checkOptions, optionsOf } from 'typegrad/core'
import { writeFileAtomically } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import { Blend } from './blend.ts'
import type { CandidateKind } from './candidates/candidate.ts'
import { readers } from './candidates/table.ts'
import { type ColumnDrift, type ColumnMemory, driftFrom } from './features/drift.ts'
import { modelToOnnx } from './onnx/model-to-onnx.ts'
import { reportPage } from './page/page.ts'
import { reportText, type TrainReport } from './report.ts'
import type { ReportLanguage } from './report-language.ts'
import { type ModelFormat, modelBytes, modelParts } from './saving/model-bytes.ts'
import { readList, readNumber, readPart, readText, type Saved } from './saving/saved.ts'
import { likeliest, type Predictions } from './scores/metrics.ts'

/** What is predicted of rows. */
export interface TablePredictions {
  /** A class, or a number, for each row; of quantiles the one in the middle; of labels those that hold, in one text. */
  readonly values: readonly Category[]
  /** Of labels: those that hold, which are more probable than not. */
  readonly labels?: readonly (readonly string[])[]
  /** Of classes and labels: the probabilities of each, in the order of `report.task.classes` or `labels`. */
  readonly probabilities?: readonly Float64Array[]
  /** Of quantiles: the quantile of each level, in the order of `report.task.levels`. */
  readonly quantiles?: readonly Float64Array[]
  /** How the rows differ from those that were learned from. */
  readonly drift: readonly ColumnDrift[]
}

interface TableModelParts {
  readonly report: TrainReport
  /** Knows the columns that rows have to have. */
  readonly schema: FittedRecipe
  readonly memories: readonly ColumnMemory[]
  readonly blend: Blend
}

const format: ModelFormat = {
  name: 'typegrad-table-model',
  what: 'a model of a table, as TableModel.save keeps it',
  // 2: networks are lists.
  version: 2,
}

export interface ReportOptions {
  /** The language of the page: English or Chinese. Default 'en'. */
  readonly language?: ReportLanguage
}

export const reportChecks = optionsOf<ReportOptions>()({ language: checks.oneOf('en', 'zh') })

/** A model of a table, as {@link train} makes it: it takes rows as the table had them. */
export class TableModel {
  /** What was asked, what there was, and what was reached. */
  readonly report: TrainReport
  readonly #parts: TableModelParts

  constructor(parts: TableModelParts) {
    this.report = parts.report
    this.#parts = parts
  }

  /**
   * Predicts rows: objects with the columns of the table that was learned from; the target may be missing, further columns are not
   * looked at.
   *
   * @throws DataError for rows that lack a column, or have cells of another type, by row and column.
   * @example
   * const { values, probabilities, drift } = await model.predict([{ age: 41, plan: 'basic' }])
   */
  async predict(rows: RowSource): Promise<TablePredictions> {
    const { schema, memories, blend } = this.#parts
    const frame = await schema.transform(rows)
    const drift = frame.length > 0 ? driftFrom(memories, frame) : []
    return { ...this.#named(await blend.predict(frame, this.report.calibration)), drift }
  }

  #named(predictions: Predictions): Omit<TablePredictions, 'drift'> {
    const { task, threshold } = this.report
    const [first = new Float64Array(0)] = predictions
    if (task.levels !== undefined) {
      // Quantiles that were learned apart may cross.
      const rows = first.length
      const sorted = predictions.map(() => new Float64Array(rows))
      for (let row = 0; row < rows; row++) {
        const own = Float64Array.from(predictions, (of) => of[row] as number).sort()
        for (const [k, of] of sorted.entries()) of[row] = own[k] as number
      }
      const middle = sorted[Math.floor(sorted.length / 2)] as Float64Array
      return { values: Array.from(middle), quantiles: sorted }
    }
    const { classes, labels } = task
    if (labels !== undefined) {
      const sets = Array.from(first, (_, row) =>
        labels.filter((_, label) => (predictions[label]?.[row] as number) >= 0.5),
      )
      return { values: sets.map((set) => set.join(', ')), labels: sets, probabilities: predictions }
    }
    if (classes === undefined) return { values: Array.from(first) }
    const probabilities = task.kind === 'binary' ? [first.map((p) => 1 - p), first] : predictions
    const values = Array.from(first, (p, row) =>
      task.kind === 'binary' ? classes[Number(p >= threshold)] : classes[likeliest(predictions, row)],
    )
    return { values: values as Category[], probabilities }
  }

  /** The report in lines. */
  toString(): string {
    return reportText(this.report)
  }

  /**
   * The whole model as one file of ONNX, with operators that every build of ONNX Runtime has. Each column is an input `[rows, 1]` of its
   * name: numbers and dates (milliseconds since 1970) are float64 with NaN for what is missing; texts, truth values ('true', 'false') and
   * columns of several types are strings, empty where they are missing. Outputs: `prediction` `[rows]`, a class or a number, of labels
   * truth values `[rows, labels]`; of classes and labels `probabilities` `[rows, classes]`, of quantiles `quantiles` `[rows, levels]`, both float64. They are those of {@link predict}, but for the
   * float32 in which networks compute and the operator for trees gives its sums.
   *
   * @throws ArgumentError, naming the columns, where there are columns of free text: words have no operators.
   * @example
   * await writeFile('churn.onnx', await model.toOnnx())
   */
  async toOnnx(): Promise<Uint8Array> {
    const { schema, blend } = this.#parts
    return await modelToOnnx({ schema: schema.input, models: blend.models, report: this.report })
  }

  /**
   * The report as a page of HTML that needs nothing else, for everyone whom the model concerns: what was asked, what is reached and how
   * sure that is, how predictions hold, what they depend on, where they are weak, and how the model was made.
   */
  toHtml(options: ReportOptions = {}): string {
    checkOptions('TableModel.toHtml', options, reportChecks)
    return reportPage(this.report, options.language ?? 'en')
  }

  /**
   * Writes {@link toHtml} into a file.
   *
   * @example
   * await model.saveReport('churn.html', { language: 'zh' })
   */
  async saveReport(path: string, options: ReportOptions = {}): Promise<void> {
    await writeFileAtomically(path, [this.toHtml(options)])
  }

  /** All that it needs, as the bytes of a zip archive: what {@link save} writes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const { report, schema, memories, blend } = this.#parts
    return modelBytes(format, {
      report: report as unknown as Saved,
      schema: schema.toJSON() as unknown as Saved,
      memories: memories as unknown as Saved,
      members: blend.members.map(({ weight, models }) => ({
        weight,
        kind: models[0]?.kind ?? 'constant',
        models: models.map((model) => model.toSaved()),
      })),
    })
  }

  /** The model that {@link toBytes} gave. @throws FormatError for what is damaged, or of a version that is not known. */
  static fromBytes(bytes: Uint8Array, where = 'TableModel.fromBytes'): TableModel {
    const saved = modelParts(bytes, format, where)
    return new TableModel({
      report: readPart(saved, 'report') as TrainReport,
      schema: FittedRecipe.fromJSON(readPart(saved, 'schema'), where),
      memories: readList(saved, 'memories') as readonly ColumnMemory[],
      blend: new Blend(
        readList(saved, 'members').map((member) => {
          const kind = readText(member, 'kind', Object.keys(readers) as CandidateKind[])
          return {
            weight: readNumber(member, 'weight'),
            models: readList(member, 'models').map(readers[kind]),
          }
        }),
      ),
    })
  }

  /**
   * Keeps the model in a file, with checksums: whole or not at all.
   *
   * @example
   * await model.save('models/churn.model')
   */
  async save(path: string): Promise<void> {
    await writeFileAtomically(path, [this.toBytes()])
  }

  /**
   * The model that {@link save} kept.
   *
   * @throws FormatError for a file that there is not, is damaged, or of a version that is not known.
   */
  static async load(path: string): Promise<TableModel> {
    const { readModelFile } = await import('./saving/model-file.node.ts')
    return TableModel.fromBytes(await readModelFile(path), path)
  }
}
