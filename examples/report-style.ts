/** The report's look, light and dark, on wide screens, on narrow ones and on paper. */
export const css = `
:root {
  --paper: #f6f7f9; --card: #fff; --ink: #16191d; --soft: #5a6270; --line: #dfe3e8;
  --blue: #1f5fbf; --orange: #b3480a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101317; --card: #191d23; --ink: #e9ecf0; --soft: #a1a9b5; --line: #2d333b;
    --blue: #7eb0ff; --orange: #ff9d5c;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 20px; text-wrap: balance }
h2 { font-size: 20px; margin: 0 0 8px }
h3 { font-size: 15px; margin: 0 0 8px }
p { margin: 0 0 16px; color: var(--soft); max-width: 85ch }
section, .summary > div { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
section { padding: 20px; margin-top: 20px }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 0 }
.summary > div { padding: 12px 16px }
dt { color: var(--soft); font-size: 13px }
dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr)); gap: 24px }
figure { margin: 8px 0 0 }
figure svg { display: block; width: 100%; height: auto }
figcaption, summary { color: var(--soft); font-size: 14px; margin-top: 8px }
summary { cursor: pointer; margin-top: 16px }
.scroll { overflow-x: auto }
table { border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums; font-size: 14px }
.numbers { margin-top: 8px }
.numbers th, .numbers td { text-align: right; padding: 2px 12px 2px 0; font-weight: 400 }
.numbers thead th { color: var(--soft) }
.matrix { margin: 0 -2px }
.confusion { width: 100%; table-layout: fixed }
.confusion th { font-weight: 600; padding: 4px 0; white-space: nowrap }
.confusion td { text-align: center; padding: 7px 0; border-radius: 6px }
.confusion span { display: inline-block; min-width: calc(var(--digits) * 1ch); text-align: right }
.confusion tbody th, .confusion th.corner { text-align: left; position: sticky; left: 0; background: var(--card) }
.confusion .shares { width: 9ch }
.confusion th.share, .confusion td.share { text-align: right }
.corner, .corner th, .share, .confusion th.corner, .confusion th.share { color: var(--soft); font-weight: 400; font-size: 13px }
.right, .wrong { background: color-mix(in srgb, var(--color) calc(8% + var(--heat, 1) * 38%), var(--card)); color: var(--ink) }
.right { --color: var(--blue) }
.wrong { --color: var(--orange) }
.none { color: var(--soft) }
.key { padding: 1px 8px; border-radius: 6px }
.gallery { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)) }
.gallery li { text-align: center; font-size: 15px; line-height: 1.3 }
.gallery img { width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; border-radius: 6px; filter: invert(1);
  margin-bottom: 4px; display: block; outline: 1px solid #fff3; outline-offset: -1px }
.gallery small { color: var(--soft); display: block; font-size: 13px }
.miss { color: var(--orange) }
.hit { color: var(--blue) }
.meaning { margin: 16px 0 0; font-size: 14px }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media (prefers-color-scheme: dark) { .gallery img { filter: none } }
@media (max-width: 600px) {
  main { padding: 20px 12px 40px }
  section { padding: 16px 12px }
  h1 { font-size: 24px }
  .summary { grid-template-columns: 1fr 1fr }
  .confusion { font-size: 11px; border-spacing: 1px }
  .confusion td { border-radius: 4px }
  .confusion .shares, .confusion .share, .confusion .corner th:last-child { display: none }
  .gallery { grid-template-columns: repeat(auto-fill, minmax(72px, 1fr)) }
}
@media print { section { break-inside: avoid } }
`
