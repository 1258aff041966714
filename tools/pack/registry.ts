import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import type { Staged } from './stage.ts'
import type { Tarball } from './tarball.ts'

/** What npm asks for, without the archives: a registry with one version of each package. */
export interface Registry {
  readonly url: string
  close(): void
}

/**
 * Serves packages to npm as the registry will.
 *
 * @param packages those that are not packed have no archive, which npm does not ask for on another platform.
 */
export async function serveRegistry(packages: readonly (Staged | Tarball)[]): Promise<Registry> {
  const archives = new Map<string, string>()
  const documents = new Map<string, (url: string) => unknown>()
  for (const { manifest, ...rest } of packages) {
    const { name, version } = manifest
    const file = `${name.replace('/', '-')}.tgz`
    const isPacked = 'path' in rest
    if (isPacked) archives.set(`/${file}`, rest.path)
    documents.set(`/${name}`, (url) => ({
      name,
      'dist-tags': { latest: version },
      versions: {
        [version]: {
          ...manifest,
          dist: { tarball: `${url}${file}`, ...(isPacked && { integrity: rest.integrity }) },
        },
      },
    }))
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    const archive = archives.get(path)
    const document = documents.get(path)
    if (archive !== undefined) createReadStream(archive).pipe(response)
    else if (document !== undefined) response.end(JSON.stringify(document(url)))
    else response.writeHead(404).end(`{"error":"no ${basename(path)} here"}`)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
