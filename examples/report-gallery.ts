import { encode } from 'fast-png'
import { escapeMarkup } from 'typegrad/formats'
import { type Reading, surestFirst } from './readings.ts'
import { grouped, percent, plural } from './text.ts'

/** So many mistakes are shown, the most confident first. */
const shownMistakes = 240

/** Pictures that were read right, in the order in which they are given. */
export function rightGallery(right: readonly Reading[], classes: readonly string[]): string {
  if (right.length === 0) return ''
  return `<section>
<h2>What it got right</h2>
<p>Some of them: what it is, and how sure the network was.</p>
<ul class="gallery">${right.map((reading) => card(reading, classes)).join('\n')}</ul>
</section>`
}

/** Pictures that were taken for something else. */
export function mistakeGallery(mistakes: readonly Reading[], classes: readonly string[]): string {
  if (mistakes.length === 0) return '<section><h2>What it got wrong</h2><p>Nothing.</p></section>'
  const shown = surestFirst(mistakes).slice(0, shownMistakes)
  const count =
    shown.length < mistakes.length
      ? `The ${shown.length} surest of ${grouped(mistakes.length)} mistakes`
      : plural(mistakes.length, 'mistake')
  return `<section>
<h2>What it got wrong</h2>
<p>${count}, the surest first: what it is <span aria-hidden="true">→</span><span class="hidden">and</span> what the network took it for, and how sure it was.</p>
<ul class="gallery">${shown.map((reading) => card(reading, classes)).join('\n')}</ul>
</section>`
}

function card({ label, guess, confidence, ...image }: Reading, classes: readonly string[]): string {
  const [truth, guessed] = [label, guess].map((index) => escapeMarkup(classes[index] ?? String(index)))
  const sure = percent(confidence, 0)
  const [text, alt] =
    label === guess
      ? [`<b class="hit">${truth}</b>`, `Image of ${truth}, read right with ${sure} confidence`]
      : [
          `<b>${truth}</b> → <b class="miss">${guessed}</b>`,
          `Image of ${truth}, taken for ${guessed} with ${sure} confidence`,
        ]
  return `<li><img src="${pngUrl(image)}" width="${image.width}" height="${image.height}" alt="${alt}">
<div aria-hidden="true">${text} <small>${sure}</small></div></li>`
}

function pngUrl({ image, width, height }: Pick<Reading, 'image' | 'width' | 'height'>): string {
  const data = image instanceof Uint8Array ? image : greyOf(image)
  const png = encode({ width, height, data, depth: 8, channels: 1 })
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

function greyOf(image: Float32Array): Uint8Array {
  const low = image.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = image.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return Uint8Array.from(image, (value) => Math.round((255 * (value - low)) / (high - low || 1)))
}
