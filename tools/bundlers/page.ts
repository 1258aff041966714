import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveFolder } from '../serve-folder.ts'

/** Serves a folder, opens its page in Chromium, and gives back what the page posts to `/result`. */
export async function openPage(folder: string): Promise<string> {
  let tell: (answer: string) => void = () => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  const server = await serveFolder(folder, tell)
  const profile = mkdtempSync(join(tmpdir(), 'typegrad-chromium-'))
  const browser = spawn(
    process.env.CHROMIUM ?? 'chromium',
    ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, server.url],
    { stdio: 'ignore' },
  )
  browser.on('error', (error) => tell(`built, but not run: ${error.message}`))
  const timer = setTimeout(() => tell('the page said nothing'), 180_000)
  try {
    return await told
  } finally {
    clearTimeout(timer)
    const ended = new Promise((resolve) => browser.once('exit', resolve))
    if (browser.pid !== undefined && browser.exitCode === null) {
      browser.kill()
      await ended
    }
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
