/** The page's look, light and dark, on wide screens, on narrow ones and on paper. */
export const css = `
:root {
  --paper: #f6f7f9; --card: #fff; --ink: #16191d; --soft: #5a6270; --line: #dfe3e8;
  --blue: #1f5fbf; --orange: #b3480a; --red: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101317; --card: #191d23; --ink: #e9ecf0; --soft: #a1a9b5; --line: #2d333b;
    --blue: #7eb0ff; --orange: #ff9d5c; --red: #ff8a80;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 20px; text-wrap: balance; overflow-wrap: anywhere }
h2 { font-size: 20px; margin: 0 0 8px }
h3 { font-size: 16px; margin: 0; overflow-wrap: anywhere }
p { margin: 0 0 12px; color: var(--soft); max-width: 85ch }
section, .summary > div, .column { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
section { padding: 20px; margin-top: 20px }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 }
.summary > div { padding: 12px 16px }
dt { color: var(--soft); font-size: 13px }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.summary dd { font-size: 20px; font-weight: 600 }
.findings { list-style: none; margin: 0; padding: 0; display: grid; gap: 10px }
.findings li { display: grid; grid-template-columns: 8ch 1fr; gap: 12px; align-items: baseline }
.findings b { font-size: 13px; font-weight: 600 }
.findings span { max-width: 85ch; overflow-wrap: anywhere }
.error { color: var(--red) }
.warning { color: var(--orange) }
.note { color: var(--soft) }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 14px; margin-top: 20px }
.columns h2 { grid-column: 1 / -1; margin: 8px 0 0 }
.column { padding: 16px; display: flex; flex-direction: column; gap: 10px; min-width: 0 }
.column header { display: flex; justify-content: space-between; gap: 12px; align-items: baseline }
.type { color: var(--soft); font-size: 13px; white-space: nowrap }
.facts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 6px 12px; margin: 0; font-size: 14px }
.facts dt { font-size: 12px }
.bars { display: grid; grid-template-columns: fit-content(22ch) minmax(60px, 1fr) auto; gap: 3px 8px; font-size: 13px; align-items: center }
.bars span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.bars i { height: 10px; border-radius: 3px; background: color-mix(in srgb, var(--blue) 22%, transparent); overflow: hidden }
.bars i::before { content: ''; display: block; height: 100%; width: calc(var(--share) * 100%); background: var(--blue); border-radius: 3px }
.bars b { font-weight: 400; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums }
svg { display: block; width: 100%; height: 90px }
svg rect { fill: var(--blue) }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; margin-top: 2px }
.scroll { overflow-x: auto }
table { border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums; font-size: 14px }
.list th, .list td { text-align: right; padding: 3px 14px 3px 0; font-weight: 400; white-space: nowrap }
.list th:first-child, .list td:first-child, .list .left { text-align: left }
.list thead th { color: var(--soft); font-size: 13px }
.list .left { white-space: normal; overflow-wrap: anywhere }
.matrix th { font-weight: 400; font-size: 13px; text-align: left; padding: 2px 8px 2px 0; white-space: nowrap; max-width: 18ch; overflow: hidden; text-overflow: ellipsis }
.matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); padding: 0 0 4px; max-height: 14ch; vertical-align: bottom }
.matrix td { width: 30px; min-width: 30px; height: 30px; text-align: center; border-radius: 5px; font-size: 11px;
  background: color-mix(in srgb, var(--color) calc(var(--heat) * 60%), var(--card)) }
.plus { --color: var(--blue) }
.minus { --color: var(--orange) }
.self { background: var(--line) !important }
@media (max-width: 600px) {
  main { padding: 20px 12px 40px }
  section { padding: 16px 12px }
  h1 { font-size: 24px }
  .summary { grid-template-columns: 1fr 1fr }
  .findings li { grid-template-columns: 1fr; gap: 0 }
}
@media print { section, .column { break-inside: avoid } }
`
