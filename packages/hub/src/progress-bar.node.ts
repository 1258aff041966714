import type { DownloadProgress } from './options.ts'

const width = 24
/** Milliseconds between two drawings. */
const pause = 100

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** 1234567 → `1.2 MB` */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), units.length - 1)
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** `model.safetensors  ████████░░░░  12.0 MB of 90.9 MB` */
export function progressLine({ file, bytes, total }: DownloadProgress): string {
  const filled = total === 0 ? width : Math.round((bytes / total) * width)
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
  return `${file}  ${bar}  ${formatBytes(bytes)} of ${formatBytes(total)}`
}

/** What draws one line of a terminal, and leaves it behind for each file that is complete. */
export function progressBar(
  terminal: { write(text: string): unknown },
  now: () => number = Date.now,
): (progress: DownloadProgress) => void {
  let drawn = -Infinity
  return (progress) => {
    const isComplete = progress.bytes >= progress.total
    if (!isComplete && now() - drawn < pause) return
    drawn = now()
    // From the line's beginning, and to its end.
    terminal.write(`\r${progressLine(progress)}\x1b[K${isComplete ? '\n' : ''}`)
  }
}
