import type { TrainReport } from '../report.ts'
import { paragraph } from './parts.ts'
import { escaped, percent, short, whole } from './text.ts'
import type { Words } from './words.ts'

/** Rows by what they are and what was decided, as a figure. */
export function confusionTable(
  counts: readonly (readonly number[])[],
  task: TrainReport['task'],
  threshold: number,
  say: Words,
): string {
  const classes = (task.classes ?? []).map(String)
  const note = task.kind === 'binary' ? say.confusionNote(short(threshold)) : say.confusionOfClasses
  const rows = counts.map((row, i) => {
    const all = row.reduce((sum, count) => sum + count, 0)
    const cells = row.map(
      (count, k) =>
        `<td class="${i === k ? 'right' : ''}" style="--heat:${(all > 0 ? count / all : 0).toFixed(3)}" title="${all > 0 ? percent(count / all) : ''}">${whole(count)}</td>`,
    )
    return `<tr><th title="${escaped(classes[i] as string)}">${escaped(classes[i] as string)}</th>${cells.join('')}</tr>`
  })
  return `<figure><figcaption>${escaped(say.confusion)}</figcaption>${paragraph(note)}<div class="scroll"><table class="confusion">
<thead><tr><th>${escaped(say.actual)} ╲ ${escaped(say.predicted)}</th>${classes.map((name) => `<th title="${escaped(name)}">${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div></figure>`
}
