// The top of a training's report as a small PNG.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from 'fast-png'

/** Steps of a colour's brightness: text and flat areas look the same with 64, and take fewer bytes. */
const levels = 63

/** Takes a picture of a report down to its confusion matrix, with Chromium ($CHROMIUM, default `chromium`). */
export function reportPicture(report: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-report-'))
  const page = readFileSync(report, 'utf8')
  const galleries = page.lastIndexOf('<section>', page.indexOf('<h2>What it got right'))
  writeFileSync(join(folder, 'top.html'), `${page.slice(0, galleries)}</main></body></html>`)
  execFileSync(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-color-profile=srgb'],
      ...['--window-size=1000,1600', `--screenshot=${join(folder, 'top.png')}`],
      `file://${folder}/top.html`,
    ],
    { stdio: 'ignore' },
  )
  const { width, channels, data } = decode(readFileSync(join(folder, 'top.png')))
  rmSync(folder, { recursive: true })
  return smallPng(data as Uint8Array, width, channels)
}

/** The picture without the empty rows at its end (but for a margin), in few colours. */
export function smallPng(data: Uint8Array, width: number, channels: number, margin = 20): Uint8Array {
  const stride = width * channels
  const isEmpty = (row: number): boolean =>
    data.subarray(row * stride, (row + 1) * stride).every((value, i) => value === data[i % channels])
  let height = data.length / stride
  while (height > margin && isEmpty(height - margin)) height--
  const coarse = data
    .subarray(0, height * stride)
    .map((value) => Math.round((Math.round((value / 255) * levels) * 255) / levels))
  return encode({ width, height, channels, depth: 8, data: coarse }, { zlib: { level: 9 } })
}
