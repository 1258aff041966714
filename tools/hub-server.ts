import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A model of {@link startHub}, by the paths of its files. */
export interface HubModel {
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly commit: string
  /** Which files are of LFS, with a SHA-256. Default: safetensors. */
  readonly isLfs?: (path: string) => boolean
}

export interface HubServer {
  readonly url: string
  /** Requests so far: `GET /path`, with the range that was asked for. */
  readonly requests: string[]
  /** Models by name; data sets under `datasets/`. */
  readonly models: Map<string, HubModel>
  /** What a file's request gets in place of the file, once for each entry; undefined for the file itself. */
  readonly faults: Map<string, (Fault | undefined)[]>
  /** What all requests have to bring. */
  token: string | undefined
  /** Breaks the connections off that are silent. */
  cut(): void
  close(): Promise<void>
}

/** A status, other bytes, or a line that goes silent after so many, until `cut`. */
export type Fault =
  | { readonly status: number }
  | { readonly content: Uint8Array }
  | { readonly silentAfter: number }

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const gitHash = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')

/** A server on this machine that speaks as much of the hub's API as packages ask it for. */
export async function startHub(): Promise<HubServer> {
  const models = new Map<string, HubModel>()
  const faults = new Map<string, (Fault | undefined)[]>()
  const requests: string[] = []
  const silent = new Set<ServerResponse>()
  const server = createServer((request, response) => answer(request, response))

  const hub: HubServer = {
    url: '',
    requests,
    models,
    faults,
    token: undefined,
    cut: () => {
      for (const response of silent) response.destroy()
      silent.clear()
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://hub').pathname)
    const { range, authorization } = request.headers
    requests.push(`${path}${range === undefined ? '' : ` ${range}`}`)
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    const api = /^\/api\/(?:models\/)?(.+?)\/(revision|tree)\/(.+)$/.exec(path)
    const file = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(path)
    const model = models.get(api?.[1] ?? file?.[1] ?? '')
    const revision = api?.[3] ?? file?.[2] ?? ''
    const bytes = model?.files[file?.[3] ?? '']
    if (hub.token !== undefined && authorization !== `Bearer ${hub.token}`)
      json(authorization === undefined ? 401 : 403, { error: 'Access to this model is restricted' })
    else if (model === undefined || !['main', 'refs/pr/1', model.commit].includes(revision))
      json(404, { error: 'Repository or revision not found' })
    else if (api?.[2] === 'revision') json(200, { _id: '1', id: api[1], sha: model.commit })
    else if (api?.[2] === 'tree') json(200, listed(model))
    else if (bytes === undefined) json(404, { error: 'Entry not found' })
    else sendFile(bytes)

    function sendFile(sound: Uint8Array) {
      const fault = faults.get(file?.[3] ?? '')?.shift()
      if (fault !== undefined && 'silentAfter' in fault) silent.add(response)
      send(request, response, sound, fault)
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(hub, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function listed({ files, isLfs = (path) => path.endsWith('.safetensors') }: HubModel) {
  return Object.entries(files).map(([path, bytes]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: gitHash(bytes),
    ...(isLfs(path) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } }),
  }))
}

function send(request: IncomingMessage, response: ServerResponse, sound: Uint8Array, fault?: Fault): void {
  if (fault !== undefined && 'status' in fault) {
    response.writeHead(fault.status).end()
    return
  }
  const bytes = fault !== undefined && 'content' in fault ? fault.content : sound
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  response.writeHead(from > 0 ? 206 : 200, {
    'Content-Length': bytes.length - from,
    ...(from > 0 && { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  })
  if (fault !== undefined && 'silentAfter' in fault)
    response.write(bytes.subarray(from, from + fault.silentAfter))
  else response.end(bytes.subarray(from))
}
