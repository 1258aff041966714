import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

export interface ServedFolder {
  readonly url: string
  close(): void
}

/** Serves the files of a folder to this machine alone; `took` is given what is posted to `/result`. */
export async function serveFolder(
  folder: string,
  took: (answer: string) => void = () => {},
): Promise<ServedFolder> {
  const server = createServer(async (request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '')
    if (path === '/result') {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      response.end()
      took(Buffer.concat(parts).toString())
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
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
