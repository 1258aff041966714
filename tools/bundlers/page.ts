import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** Serves a folder, opens its page in Chromium, and gives back what the page posts to `/result`. */
export async function openPage(folder: string): Promise<string> {
  let tell: (answer: string) => void = () => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  const server = createServer(async (request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '')
    if (path === '/result') {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      response.end()
      tell(Buffer.concat(parts).toString())
      return
    }
    try {
      const bytes = readFileSync(join(folder, path))
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const profile = mkdtempSync(join(tmpdir(), 'typegrad-chromium-'))
  const browser = spawn(
    process.env.CHROMIUM ?? 'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${profile}`,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ],
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
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
