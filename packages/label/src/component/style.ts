/** The component's look: light and dark, on wide screens and on narrow ones. */
export const css = `
.tgl { color-scheme: light dark;
  --paper: light-dark(#f6f7f9, #101317); --card: light-dark(#fff, #191d23); --ink: light-dark(#16191d, #e9ecf0);
  --soft: light-dark(#5a6270, #a1a9b5); --line: light-dark(#d8dde4, #333a44); --blue: light-dark(#1f5fbf, #7eb0ff);
  --on-blue: light-dark(#fff, #10151d); --bad: light-dark(#b3261e, #ff8a80);
  display: flex; flex-direction: column; min-height: 100%; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; outline: none; -webkit-text-size-adjust: 100% }
.tgl *, .tgl *::before, .tgl *::after { box-sizing: border-box }
.tgl button, .tgl input, .tgl textarea, .tgl select { font: inherit; color: inherit }
.tgl button { min-height: 40px; padding: 6px 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); cursor: pointer;
  display: inline-flex; align-items: center; gap: 8px; touch-action: manipulation }
.tgl button:hover:not(:disabled) { border-color: var(--soft) }
.tgl button:disabled { opacity: .5; cursor: default }
.tgl .main { background: var(--blue); color: var(--on-blue); border-color: transparent; font-weight: 600 }
.tgl .plain { border-color: transparent; background: none }
.tgl :focus-visible { outline: 3px solid var(--blue); outline-offset: 2px }
.tgl kbd, .tgl .key { font: 600 12px/1 ui-monospace, monospace; min-width: 20px; padding: 4px 5px; text-align: center; border-radius: 6px;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); opacity: .85 }
.tgl header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 16px; padding: 12px 20px; background: var(--card);
  border-bottom: 1px solid var(--line) }
.tgl header h1 { font-size: 17px; margin: 0; overflow-wrap: anywhere }
.tgl header .count { color: var(--soft); font-size: 14px; font-variant-numeric: tabular-nums }
.tgl header .space { flex: 1 }
.tgl progress { appearance: none; width: clamp(90px, 18vw, 220px); height: 8px; border: 0; border-radius: 4px; background: var(--line); overflow: hidden }
.tgl progress::-webkit-progress-bar { background: var(--line) }
.tgl progress::-webkit-progress-value { background: var(--blue); border-radius: 4px; transition: inline-size .2s }
.tgl progress::-moz-progress-bar { background: var(--blue) }
.tgl .work { flex: 1; width: 100%; max-width: 1000px; margin: 0 auto; padding: 20px; display: flex; flex-direction: column; gap: 16px }
.tgl .card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; overflow: hidden }
.tgl .sample { padding: 22px 24px; font-size: 18px; line-height: 1.65; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 58vh; overflow-y: auto; min-height: 120px }
.tgl .sample.picture { padding: 0; display: grid; place-items: center; max-height: none; background: light-dark(#eceff3, #0b0e12) }
.tgl .sample.picture img { display: block; max-width: 100%; max-height: 58vh; image-rendering: auto }
.tgl .classes { display: flex; flex-wrap: wrap; gap: 10px }
.tgl .classes button { --c: oklch(.56 .16 var(--hue)); min-height: 48px; border-width: 1px 1px 1px 6px; border-left-color: var(--c); position: relative; text-align: left }
.tgl .classes button[aria-pressed=true] { background: color-mix(in oklab, var(--c) 22%, var(--card)); border-color: var(--c); font-weight: 600 }
.tgl .classes button.proposed { border-style: dashed; border-left-style: solid; border-color: var(--c); background: color-mix(in oklab, var(--c) 9%, var(--card)) }
.tgl .classes .score { color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums }
.tgl .classes .who { font-size: 12px; padding: 1px 7px; border-radius: 9px; background: var(--line) }
.tgl .classes .bar { position: absolute; left: 0; bottom: 0; height: 3px; background: var(--c); border-radius: 0 2px 0 8px }
.tgl .hint { color: var(--soft); font-size: 14px; margin: 0; display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center }
.tgl .hint .proposed { border: 1px dashed var(--soft); border-radius: 8px; padding: 1px 8px }
.tgl footer { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 10px 20px; background: var(--card); border-top: 1px solid var(--line) }
.tgl footer .said { flex: 1; min-width: 8em; color: var(--soft); font-size: 14px; text-align: center }
.tgl footer .said.bad { color: var(--bad); font-weight: 600 }
.tgl .note { margin: auto; text-align: center; color: var(--soft); font-size: 18px; padding: 40px 20px }
.tgl .boxes { position: relative; display: inline-block; line-height: 0; touch-action: none; max-width: 100% }
.tgl .boxes svg { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair; touch-action: none }
.tgl .boxes rect { --c: oklch(.68 .19 var(--hue)); fill: color-mix(in srgb, var(--c) 18%, transparent); stroke: var(--c); stroke-width: 2.5px; vector-effect: non-scaling-stroke; cursor: move }
.tgl .boxes g.proposed rect { stroke-dasharray: 6 4 }
.tgl .boxes g[aria-pressed=true] rect { stroke-width: 4px; fill: color-mix(in srgb, var(--c) 30%, transparent) }
.tgl .boxes g:focus { outline: none }
.tgl .boxes g:focus-visible rect.body { stroke: #fff; filter: drop-shadow(0 0 2px #000) }
.tgl .boxes text { font: 600 13px system-ui, sans-serif; fill: #fff; paint-order: stroke; stroke: #000c; stroke-width: 3px; pointer-events: none }
.tgl .boxes g rect.handle { fill: #fff; stroke-width: 2px; stroke-dasharray: none }
.tgl .boxes .handle.nwse { cursor: nwse-resize } .tgl .boxes .handle.nesw { cursor: nesw-resize }
.tgl mark { --c: oklch(.62 .17 var(--hue)); color: inherit; background: color-mix(in oklab, var(--c) 26%, transparent); border-bottom: 2px solid var(--c); border-radius: 4px 4px 0 0; padding: 2px 1px; cursor: pointer }
.tgl mark::after { content: attr(data-class); font-size: 11px; font-weight: 700; line-height: 1; vertical-align: 2px; margin-left: 5px; padding: 1px 5px; border-radius: 5px; background: color-mix(in oklab, var(--c) 30%, var(--card)); letter-spacing: .02em; user-select: none }
.tgl mark.proposed { border-bottom-style: dashed }
.tgl .cursor { box-shadow: 0 0 0 2px var(--blue); border-radius: 3px }
.tgl .sound { padding: 18px 20px; display: grid; gap: 12px }
.tgl .sound .wave { width: 100%; height: 96px; display: block; cursor: pointer; background: light-dark(#f0f3f7, #12161b); border-radius: 10px }
.tgl .sound .wave path { fill: var(--soft) } .tgl .sound .wave path.past { fill: var(--blue) }
.tgl .sound .row { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; font-variant-numeric: tabular-nums; color: var(--soft) }
.tgl .sound .row button, .tgl .sound .row select { color: var(--ink) }
.tgl select { min-height: 40px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); padding: 4px 8px }
.tgl textarea, .tgl input { width: 100%; padding: 12px 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--card) }
.tgl textarea { min-height: 120px; font-size: 18px; line-height: 1.5; resize: vertical }
.tgl label { display: grid; gap: 6px; color: var(--soft); font-size: 14px }
.tgl label > * { color: var(--ink); font-size: 17px }
.tgl .join { margin: auto; width: min(420px, 100% - 32px); padding: 28px; display: grid; gap: 18px }
.tgl .join h1 { margin: 0; font-size: 24px; line-height: 1.25; overflow-wrap: anywhere }
.tgl .join small { color: var(--soft); font-size: 13px }
.tgl .join button { justify-content: center; min-height: 46px }
.tgl dialog { border: 1px solid var(--line); border-radius: 16px; background: var(--card); color: var(--ink); padding: 24px; width: min(520px, 100% - 24px) }
.tgl dialog::backdrop { background: #0008 }
.tgl dialog h2 { margin: 0 0 14px; font-size: 20px }
.tgl dialog dl { display: grid; grid-template-columns: auto 1fr; gap: 10px 16px; margin: 0 0 16px; align-items: baseline }
.tgl dialog dt { display: flex; gap: 4px; flex-wrap: wrap; justify-content: flex-end } .tgl dialog dd { margin: 0 }
.tgl dialog p { color: var(--soft) }
.tgl .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media (max-width: 640px) {
  .tgl header, .tgl footer { padding: 8px 12px } .tgl .work { padding: 12px } .tgl .sample { padding: 16px; font-size: 17px; max-height: 48vh }
  .tgl .classes { display: grid; grid-template-columns: 1fr 1fr } .tgl .classes button { min-width: 0; overflow-wrap: anywhere }
  .tgl .key { display: none } .tgl footer .said { order: -1; flex-basis: 100% }
  .tgl footer .said:empty { display: none } .tgl footer { justify-content: space-between }
}
@media (prefers-reduced-motion: reduce) { .tgl * { transition: none !important } }
@media (prefers-contrast: more) { .tgl { --line: var(--ink); --soft: var(--ink) } }
`

let sheet: CSSStyleSheet | undefined

/** Adds the look to a document, once. A constructed sheet needs no leave of a content security policy. */
export function addStyle(to: Document): void {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
  }
  if (!to.adoptedStyleSheets.includes(sheet)) to.adoptedStyleSheets = [...to.adoptedStyleSheets, sheet]
}
