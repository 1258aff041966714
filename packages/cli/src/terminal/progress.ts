import { cut, textWidth } from './text-width.ts'

/** Moves to the line's beginning and clears it. */
const clear = '\r\x1b[2K'
const barWidth = 24

/**
 * One line of a screen that is drawn over as work goes on: a bar, how much is done, and what is being done. Nothing is drawn where
 * there is no screen.
 */
export class ProgressLine {
  readonly #write: (text: string) => void
  readonly #columns: number | undefined
  #isDrawn = false

  constructor(terminal: { readonly err: (text: string) => void; readonly columns: number | undefined }) {
    this.#write = terminal.err
    this.#columns = terminal.columns
  }

  /** @param share how much is done, from 0 to 1. */
  draw(share: number, what: string): void {
    if (this.#columns === undefined) return
    const filled = Math.round(Math.min(1, Math.max(0, share)) * barWidth)
    const percent = `${Math.floor(100 * Math.min(1, Math.max(0, share)))} %`.padStart(5)
    const head = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${percent}  `
    this.#write(`${clear}${head}${cut(what, this.#columns - 1 - textWidth(head))}`)
    this.#isDrawn = true
  }

  /** Takes the line away, for what is written next. */
  clear(): void {
    if (this.#isDrawn) this.#write(clear)
    this.#isDrawn = false
  }
}
