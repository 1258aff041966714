/**
 * `page/`: the report of a model as a page of HTML, in several languages. It knows reports alone.
 */
import { type CandidateReport, energyText, type TrainReport } from '../report.ts'
import type { ReportLanguage } from '../report-language.ts'
import type { Score } from '../scores/interval.ts'
import { noteText } from '../train-notes.ts'
import {
  calibrationChart,
  curve,
  dependenceChart,
  dependenceRange,
  importanceBars,
  intervals,
  pairsChart,
} from './charts.ts'
import { confusionTable } from './confusion-table.ts'
import { words } from './languages.ts'
import { paragraph, section, table } from './parts.ts'
import { css } from './style.ts'
import { escaped, percent, short, whole } from './text.ts'
import type { Words } from './words.ts'

/** One page of HTML that needs nothing else. */
export function reportPage(report: TrainReport, language: ReportLanguage): string {
  const say = words[language]
  const title = say.title(report.task.target)
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-Hans' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${lead(report, say)}
${facts(report, say)}
${[reached, decisions, looksAt, weak, made].map((part) => part(report, say)).join('\n')}
</main>
</body>
</html>
`
}

const baselines = ['constant', 'linear']

const firstScore = ({ scores }: CandidateReport): Score | undefined => scores[0]

function lead({ scores, rows, candidates }: TrainReport, say: Words): string {
  const [score] = scores
  if (score === undefined) return ''
  const others = candidates.filter(({ name }) => baselines.includes(name))
  const said = others.flatMap((one) => {
    const own = firstScore(one)
    return own === undefined || Number.isNaN(own.value)
      ? []
      : [[nameOf(one.name, say), short(own.value)] as const]
  })
  const isBetter = others.every((one) => {
    const own = firstScore(one)
    if (own === undefined) return true
    return isGain(score.metric) ? score.low > own.high : score.high < own.low
  })
  return `<p class="lead">${escaped(
    [
      say.summary(
        whole(rows.test),
        metricOf(score.metric, say),
        short(score.value),
        short(score.low),
        short(score.high),
      ),
      ...(said.length > 0 ? [say.against(said)] : []),
      ...(others.length > 0 ? [isBetter ? say.better : say.notBetter] : []),
    ].join(' '),
  )}</p>`
}

/** Metrics of which more is better; all others are losses. */
const isGain = (metric: string): boolean => ['AUC', 'accuracy', 'R²', 'mean AUC', 'NDCG'].includes(metric)

const nameOf = (name: string, say: Words): string => namedIn(say.candidates, name)

const metricOf = (name: string, say: Words): string => namedIn(say.metrics, name)

/** What a name is called; one that is not in the table stays as it is. */
const namedIn = (names: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(names, name) ? (names[name] as string) : name

function facts({ task, rows, columns, seconds, joules }: TrainReport, say: Words): string {
  const used = (['numbers', 'categories', 'dates', 'texts'] as const).reduce(
    (sum, kind) => sum + columns[kind].length,
    0,
  )
  const all: readonly (readonly [string, string])[] = [
    [say.target, task.target],
    [say.task, say.tasks[task.kind]],
    [say.rowsLearned, whole(rows.training)],
    [say.rowsJudged, whole(rows.test)],
    [say.columns, whole(used)],
    [say.time, say.seconds(short(Number(seconds.toPrecision(2))))],
    ...(joules === undefined ? [] : [[say.energy, energyText(joules)] as const]),
  ]
  return `<dl class="facts">${all.map(([term, value]) => `<div><dt>${escaped(term)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`
}

function reached({ scores, candidates }: TrainReport, say: Words): string {
  const [first] = scores
  if (first === undefined) return ''
  const dots = [
    { name: say.final, value: first.value, low: first.low, high: first.high, isOwn: true },
    ...candidates.flatMap((one) => {
      const own = firstScore(one)
      return own === undefined || !Number.isFinite(own.value)
        ? []
        : [{ name: nameOf(one.name, say), value: own.value, low: own.low, high: own.high, isOwn: false }]
    }),
  ]
  return section(
    say.headed(say.reached, metricOf(first.metric, say)),
    paragraph(say.reachedNote),
    intervals(dots),
    '<h3></h3>',
    table(
      [say.metric, say.value, say.interval],
      scores.map(({ metric, value, low, high }) => [
        metricOf(metric, say),
        short(value),
        `${short(low)} – ${short(high)}`,
      ]),
    ),
  )
}

function decisions({ task, judgement, threshold }: TrainReport, say: Words): string {
  const { curves, calibration, pairs, coverage, confusion, labels } = judgement
  const charts: string[] = []
  const notes: string[] = []
  if (curves !== undefined) {
    const diagonal = [
      [0, 0],
      [1, 1],
    ] as const
    const positives = curves.precisionRecall.at(-1)?.[1] ?? 0
    charts.push(
      curve(say.roc, curves.roc, diagonal),
      curve(say.precisionRecall, curves.precisionRecall, [
        [0, positives],
        [1, positives],
      ]),
      curve(say.gain, curves.gain, diagonal),
    )
    const tenth = curves.gain.find(([share]) => share >= 0.1)
    if (tenth !== undefined)
      notes.push(
        paragraph(
          say.liftNote(
            percent(tenth[0]),
            percent(tenth[1]),
            short(Number((tenth[1] / tenth[0]).toPrecision(2))),
          ),
        ),
      )
  }
  if (calibration !== undefined)
    charts.push(
      calibrationChart(
        pairs === undefined ? say.calibration : say.calibrationOfNumbers,
        calibration,
        pairs === undefined,
      ),
    )
  if (pairs !== undefined) charts.push(pairsChart(say.pairs, pairs))
  if (coverage !== undefined)
    charts.push(
      calibrationChart(
        say.coverage,
        coverage.map((observed, i) => ({ predicted: task.levels?.[i] ?? 0, observed, rows: 0 })),
        true,
      ),
    )
  const ofLabels =
    labels === undefined
      ? ''
      : table(
          [say.label, say.labelShare, 'AUC'],
          labels.map(({ share, auc }, i) => [task.labels?.[i] ?? '', percent(share), short(auc)]),
        )
  // Of two classes it has a place beside the curves.
  if (confusion !== undefined && task.kind === 'binary')
    charts.push(confusionTable(confusion, task, threshold, say))
  if (charts.length === 0 && confusion === undefined) return ''
  return section(
    say.decisions,
    `<div class="charts">${charts.join('\n')}</div>`,
    ...notes,
    ofLabels,
    confusion !== undefined && task.kind !== 'binary' ? confusionTable(confusion, task, threshold, say) : '',
  )
}

/** Columns whose importance is shown. */
const mostImportant = 15

function looksAt({ judgement, loss, task }: TrainReport, say: Words): string {
  const { importance, dependence } = judgement
  const some = importance.filter(({ rise }) => rise > 0).slice(0, mostImportant)
  if (some.length === 0) return ''
  // Of several classes the first that is not the most frequent says enough; of quantiles the middle one.
  const output = task.levels === undefined ? 0 : Math.floor(task.levels.length / 2)
  const range = dependenceRange(dependence, output)
  return section(
    say.looksAt,
    paragraph(say.looksAtNote(metricOf(loss, say))),
    importanceBars(some),
    dependence.length === 0
      ? ''
      : `<h3>${escaped(dependenceTitle(task, output, say))}</h3>${paragraph(say.dependenceNote)}<div class="charts">${dependence
          .map((one) => dependenceChart(one, output, range))
          .join('\n')}</div>`,
  )
}

function dependenceTitle(
  { kind, classes, labels, levels, target }: TrainReport['task'],
  output: number,
  say: Words,
): string {
  if (labels !== undefined) return say.headed(say.dependence, labels[output] ?? '')
  const named = kind === 'binary' ? classes?.[1] : (classes?.[output] ?? levels?.[output])
  return named === undefined ? say.dependence : say.headed(say.dependence, `${target} = ${named}`)
}

function weak({ judgement, loss }: TrainReport, say: Words): string {
  const { slices, mistakes } = judgement
  const columns = mistakes[0]?.cells.map(([name]) => name) ?? []
  return section(
    say.weak,
    slices.length === 0
      ? paragraph(say.noWeak)
      : paragraph(say.weakNote(metricOf(loss, say), short(judgement.loss))) +
          table(
            [say.slice, say.rows, metricOf(loss, say), say.errors],
            slices.map(({ column, values, rows, loss, errors }) => [
              `${column}: ${values}`,
              whole(rows),
              short(loss),
              short(Number(errors.toPrecision(2))),
            ]),
          ),
    mistakes.length === 0
      ? ''
      : `<h3>${escaped(say.mistakes)}</h3>${paragraph(say.mistakesNote)}${table(
          [say.row, say.actual, say.predicted, ...columns],
          mistakes.map(({ row, actual, predicted, cells }) => [
            whole(row + 1),
            actual,
            predicted,
            ...cells.map(([, cell]) => cell),
          ]),
        )}`,
  )
}

function made({ candidates, calibration, columns, loss, remarks }: TrainReport, say: Words): string {
  const [first] = calibration
  const lists = (['numbers', 'categories', 'dates', 'texts'] as const).flatMap((kind) =>
    columns[kind].length === 0 ? [] : [say.listed(say.kindsOfColumns[kind], columns[kind])],
  )
  const dropped = columns.dropped.map(({ column }) => column)
  if (dropped.length > 0) lists.push(say.listed(say.dropped, dropped))
  const metric = metricOf(candidates[0]?.scores[0]?.metric ?? '', say)
  return section(
    say.made,
    paragraph(say.blended(metricOf(loss, say))),
    paragraph(
      first === undefined
        ? say.notCalibrated
        : say.calibratedBy(
            first.kind,
            first.kind === 'temperature' ? short(Number(first.temperature.toPrecision(3))) : '',
          ),
    ),
    table(
      [say.model, say.weight, metricOf(loss, say), metric],
      candidates.map((one) => [
        nameOf(one.name, say),
        percent(one.weight),
        short(one.validationLoss),
        short(firstScore(one)?.value ?? Number.NaN),
      ]),
    ),
    `<h3></h3><ul>${lists.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`,
    remarks.length === 0
      ? ''
      : `<h3>${escaped(say.notes)}</h3><ul>${remarks.map((one) => `<li>${escaped(noteText(one, say.language))}</li>`).join('')}</ul>`,
  )
}
