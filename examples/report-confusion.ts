import { escapeMarkup } from 'typegrad/formats'
import { grouped, percent } from './text.ts'

/**
 * How often each class was taken for each. All columns are equally wide, and their digits stand below each other.
 *
 * @param confusion `confusion[label][guess]`: how often.
 */
export function confusionTable(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): string {
  if (confusion.length === 0) return ''
  const mistakes = confusion.flatMap((row, label) => row.filter((_, guess) => guess !== label))
  const maxMistakes = Math.max(1, ...mistakes)
  const widest = Math.max(...confusion.flat().map((count) => grouped(count).length))
  const name = (index: number): string => escapeMarkup(classes[index] ?? String(index))
  const head = confusion.map((_, guess) => `<th scope="col"><span>${name(guess)}</span></th>`).join('')
  const rows = confusion.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    const cells = row.map((count, guess) => {
      const right = guess === label
      const heat = right ? count / Math.max(1, total) : Math.sqrt(count / maxMistakes)
      const kind = count === 0 ? 'none' : right ? 'right' : 'wrong'
      return `<td class="${kind}" style="--heat:${heat.toFixed(3)}"><span>${grouped(count)}</span></td>`
    })
    const share = total === 0 ? '–' : percent((row[label] ?? 0) / total, 1)
    return `<tr><th scope="row">${name(label)}</th>${cells.join('')}<td class="share">${share}</td></tr>`
  })
  const longest = Math.max(4, ...confusion.map((_, i) => (classes[i] ?? String(i)).length))
  return `<section>
<h2>What it takes for what</h2>
<p>A row for each true class, a column for each guess. <span class="key right">Blue</span> guesses are right;
<span class="key wrong">orange</span> ones are wrong, the stronger the more often.</p>
<div class="scroll matrix" tabindex="0" role="region" aria-label="Confusion matrix"><table class="confusion" style="--digits:${widest}">
<colgroup><col style="width:${longest + 2}ch"><col span="${confusion.length}"><col class="shares"></colgroup>
<thead><tr class="corner"><th></th><th colspan="${confusion.length}" scope="colgroup">guess</th><th></th></tr>
<tr><th scope="col" class="corner">true</th>${head}<th scope="col" class="share">right</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
</section>`
}
