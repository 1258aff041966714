import { escaped } from './text.ts'

/** A part of the page with its heading. */
export const section = (title: string, ...parts: readonly string[]): string =>
  `<section>\n<h2>${escaped(title)}</h2>\n${parts.filter((part) => part !== '').join('\n')}\n</section>`

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>`

/** A table whose first column, and those that are named, stand at the left. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): string {
  const place = (i: number): string => (left.includes(i) ? ' class="left wide"' : '')
  return `<div class="scroll"><table>
<thead><tr>${head.map((one, i) => `<th${place(i)}>${escaped(one)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map((one, i) => `<td${place(i)}>${escaped(one)}</td>`).join('')}</tr>`).join('\n')}
</tbody>
</table></div>`
}
