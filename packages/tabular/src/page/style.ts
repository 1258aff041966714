/** The page's look, light and dark, from 400 pixels on, and on paper. */
export const css = `
:root {
  --paper: #f6f7f9; --card: #fff; --ink: #16191d; --soft: #5a6270; --line: #dfe3e8;
  --blue: #1f5fbf; --orange: #b3480a;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #101317; --card: #191d23; --ink: #e9ecf0; --soft: #a1a9b5; --line: #2d333b; --blue: #7eb0ff; --orange: #ff9d5c }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 12px; text-wrap: balance; overflow-wrap: anywhere }
h2 { font-size: 20px; margin: 0 0 8px }
h3 { font-size: 16px; margin: 20px 0 8px }
p { margin: 0 0 12px; color: var(--soft); max-width: 80ch }
.lead { font-size: 18px; color: var(--ink); max-width: 70ch; margin-bottom: 20px }
section, .facts > div { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
section { padding: 20px; margin-top: 20px }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 }
.facts > div { padding: 12px 16px; min-width: 0 }
dt { color: var(--soft); font-size: 13px }
dd { margin: 0; font-size: 18px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 18px 20px }
figure { margin: 0; min-width: 0 }
figcaption { font-weight: 600; font-size: 15px; overflow-wrap: anywhere }
svg { display: block; width: 100%; height: auto; max-width: 480px }
svg text { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums }
.grid { stroke: var(--line); stroke-width: 1 }
.axis { stroke: var(--soft); stroke-width: 1 }
.line { fill: none; stroke: var(--blue); stroke-width: 2.2; stroke-linejoin: round }
.chance { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 4 4 }
.dot { fill: var(--blue); stroke: var(--card); stroke-width: 1.2 }
.point { fill: var(--blue); opacity: .5 }
.intervals, .importance { display: grid; grid-template-columns: fit-content(24ch) minmax(80px, 1fr) auto; gap: 8px 14px; align-items: center; font-size: 15px; font-variant-numeric: tabular-nums }
.intervals em, .importance em { font-style: normal; color: var(--soft); text-align: right }
.intervals span, .importance span { overflow-wrap: anywhere }
.intervals .own { font-weight: 600 }
.intervals i { position: relative; height: 14px; --hue: var(--soft) }
.intervals i.own { --hue: var(--blue) }
.intervals u { position: absolute; top: 6px; height: 2px; background: var(--hue) }
.intervals i b { position: absolute; top: 2px; width: 10px; height: 10px; margin-left: -5px; border-radius: 50%; background: var(--hue) }
.importance i { position: relative; height: 14px; background: color-mix(in srgb, var(--blue) 10%, transparent); border-radius: 3px }
.importance s { position: absolute; inset: 0 auto 0 0; background: var(--blue); border-radius: 3px }
.importance u { position: absolute; top: 6px; height: 2px; background: var(--orange) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
th, td { text-align: right; padding: 5px 14px 5px 0; font-weight: 400; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--soft); font-size: 13px; white-space: nowrap }
th:first-child, td:first-child, .left { text-align: left }
.wide { overflow-wrap: anywhere; min-width: 12ch }
.confusion { margin-top: 4px }
.confusion td, .confusion th { padding: 8px 14px; border: 3px solid var(--card); white-space: nowrap; max-width: 22ch; overflow: hidden; text-overflow: ellipsis }
.confusion td { text-align: center; background: color-mix(in srgb, var(--hue) calc(var(--heat) * 70%), var(--paper)); --hue: var(--orange) }
.confusion td.right { --hue: var(--blue) }
ul { margin: 0; padding-left: 20px; color: var(--soft) }
li { margin: 4px 0; overflow-wrap: anywhere; max-width: 80ch }
@media (max-width: 600px) {
  main { padding: 20px 12px 40px }
  section { padding: 16px 12px }
  h1 { font-size: 24px }
  .lead { font-size: 17px }
  .facts { grid-template-columns: 1fr 1fr }
  .intervals, .importance { grid-template-columns: minmax(0, 11ch) minmax(60px, 1fr) auto; gap: 8px 10px; font-size: 14px }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --blue: #1f5fbf; --orange: #b3480a }
  main { padding: 0; max-width: none }
  section { border: 0; padding: 12px 0 }
  figure, tr, .intervals, .importance, .facts > div { break-inside: avoid }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`
