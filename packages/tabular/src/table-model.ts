import { type Category, FittedRecipe, type Frame, type RowSource } from '@typegrad/data'
import { FormatError } from 'typegrad/core'
import { writeFileAtomically } from 'typegrad/formats'
import type { CandidateKind, FittedCandidate } from './candidates/candidate.ts'
import { readers } from './candidates/table.ts'
import { type ColumnDrift, type ColumnMemory, driftFrom } from './features/drift.ts'
import { reportText, type TrainReport } from './report.ts'
import { packSaved, unpackSaved } from './saving/container.ts'
import { readList, readNumber, readPart, readText, type Saved } from './saving/saved.ts'
import { blended } from './scores/blend.ts'
import { likeliest, type Predictions } from './scores/metrics.ts'
import { tempered } from './scores/temperature.ts'

/** What is predicted of rows. */
export interface TablePredictions {
  /** A class, or a number, for each row; of quantiles the one in the middle. */
  readonly values: readonly Category[]
  /** Of classes: the probabilities of each class, in the order of `report.task.classes`. */
  readonly probabilities?: readonly Float64Array[]
  /** Of quantiles: the quantile of each level, in the order of `report.task.levels`. */
  readonly quantiles?: readonly Float64Array[]
  /** How the rows differ from those that were learned from. */
  readonly drift: readonly ColumnDrift[]
}

/** A member of the blend: the models of one candidate, one a fold, and its weight. */
export interface Member {
  readonly weight: number
  readonly models: readonly FittedCandidate[]
}

interface TableModelParts {
  readonly report: TrainReport
  /** Knows the columns that rows have to have. */
  readonly schema: FittedRecipe
  readonly memories: readonly ColumnMemory[]
  readonly members: readonly Member[]
}

const format = 'typegrad-table-model'

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
    const { schema, memories } = this.#parts
    const frame = await schema.transform(rows)
    const drift = frame.length > 0 ? driftFrom(memories, frame) : []
    return { ...this.#named(await this.#predicted(frame)), drift }
  }

  async #predicted(frame: Frame): Promise<Predictions> {
    const { members } = this.#parts
    const models = members.flatMap(({ models, weight }) =>
      models.map((model) => ({ model, weight: weight / models.length })),
    )
    const predictions: Predictions[] = []
    for (const { model } of models) predictions.push(await model.predict(frame))
    const mean = blended(
      predictions,
      models.map(({ weight }) => weight),
    )
    return this.report.task.classes === undefined ? mean : tempered(mean, this.report.temperature)
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
    const { classes } = task
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

  /** All that it needs, as the bytes of a zip archive: what {@link save} writes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const { report, schema, memories, members } = this.#parts
    return packSaved({
      format,
      version: 1,
      report: report as unknown as Saved,
      schema: schema.toJSON() as unknown as Saved,
      memories: memories as unknown as Saved,
      members: members.map(({ weight, models }) => ({
        weight,
        kind: models[0]?.kind ?? 'constant',
        models: models.map((model) => model.toSaved()),
      })),
    })
  }

  /** The model that {@link toBytes} gave. @throws FormatError for what is damaged, or of a version that is not known. */
  static fromBytes(bytes: Uint8Array, where = 'TableModel.fromBytes'): TableModel {
    const saved = unpackSaved(bytes, where)
    if (readPart(saved, 'format') !== format)
      throw new FormatError({
        where,
        expected: 'a model of a table, as TableModel.save keeps it',
        received: 'something else',
      })
    const version = readPart(saved, 'version')
    if (version !== 1)
      throw new FormatError({
        where,
        expected: 'version 1',
        received: String(version),
        fix: 'A newer release of @typegrad/tabular may know it.',
      })
    return new TableModel({
      report: readPart(saved, 'report') as TrainReport,
      schema: FittedRecipe.fromJSON(readPart(saved, 'schema'), where),
      memories: readList(saved, 'memories') as readonly ColumnMemory[],
      members: readList(saved, 'members').map((member) => {
        const kind = readText(member, 'kind', Object.keys(readers) as CandidateKind[])
        return { weight: readNumber(member, 'weight'), models: readList(member, 'models').map(readers[kind]) }
      }),
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
