import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat, truncate } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import { FormatError, StateError } from 'typegrad/core'
import type { Claim } from './cache.node.ts'
import type { DownloadProgress } from './options.ts'

/** A file of the hub, and what its content has to be. */
export interface RemoteFile {
  readonly path: string
  readonly url: string
  readonly size: number
  /** The SHA-256 of a file of LFS, the SHA-1 of git's blob otherwise: 64 or 40 hexadecimal digits. */
  readonly checksum: string
}

export interface DownloadOptions {
  /** Fetches with the credentials and the signal of the caller. */
  readonly request: (url: string, headers: Readonly<Record<string, string>>) => Promise<Response>
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: DownloadProgress) => void
}

/** Broken connections in a row after which a download is given up: what is here stays for the next time. */
const attempts = 5
/** How long a download waits before it is tried again: twice as long each time. In milliseconds; tests shorten it. */
export const pauses = { first: 500 }

/** What is worth another attempt. */
class Interrupted extends Error {}

/**
 * Downloads a file into the claimed place, going on where an earlier download ended, and checks its content.
 *
 * @throws StateError if the server does not answer, or keeps breaking off; FormatError for content that is not what the hub
 * says it is; the signal's reason when it is aborted.
 */
export async function download(file: RemoteFile, claim: Claim, options: DownloadOptions): Promise<void> {
  let failures = 0
  for (let isSecond = false; ; ) {
    options.signal?.throwIfAborted()
    const before = await sizeOf(claim.path)
    try {
      if (await completed(file, claim.path, options)) return
      await claim.discard()
      if (isSecond) throw wrongContent(file)
      // An earlier part may have been damaged: once more, from the beginning.
      isSecond = true
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof Interrupted)) throw error
      const now = await sizeOf(claim.path)
      // What brings something is slow or shaky, not dead.
      failures = now > before ? 1 : failures + 1
      if (failures === attempts) throw brokenOff(file, now, error.cause)
      await after(pauses.first * 2 ** (failures - 1), undefined, { signal: options.signal })
    }
  }
}

const brokenOff = ({ url, size }: RemoteFile, bytes: number, cause: unknown): StateError =>
  new StateError({
    where: url,
    expected: `${size} bytes`,
    received: `${bytes}: ${messageOf(cause)}`,
    fix: 'Try again: the download goes on where it ended.',
  })

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

const wrongContent = ({ path, url, checksum }: RemoteFile): FormatError =>
  new FormatError({
    where: url,
    expected: `content of '${path}' with the checksum ${checksum}, as the hub lists it`,
    received: 'other content, twice',
    fix: 'Something between here and the hub changes it, a proxy perhaps.',
  })

/** One attempt. @returns whether the content is right. */
async function completed(file: RemoteFile, path: string, options: DownloadOptions): Promise<boolean> {
  const hash = hashOf(file)
  let bytes = await sizeOf(path)
  if (bytes > file.size) {
    await truncate(path, 0)
    bytes = 0
  }
  if (bytes > 0) for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  const report = () => options.onProgress({ file: file.path, bytes, total: file.size })
  report()
  if (bytes < file.size) {
    const response = await requested(file, bytes, options)
    const output = await open(path, response.status === 206 ? 'a' : 'w')
    try {
      // A server that knows no ranges begins anew.
      let digest = hash
      if (response.status !== 206 && bytes > 0) {
        digest = hashOf(file)
        bytes = 0
      }
      for await (const chunk of chunksOf(response)) {
        await output.writeFile(chunk)
        digest.update(chunk)
        bytes += chunk.length
        if (bytes > file.size) break
        report()
      }
      if (bytes < file.size) throw new Interrupted('', { cause: new Error('the connection broke off') })
      return bytes === file.size && digest.digest('hex') === file.checksum
    } finally {
      await output.close()
    }
  }
  return hash.digest('hex') === file.checksum
}

/** Git's checksum begins with what kind of thing it is of, and how long that is. */
const hashOf = ({ checksum, size }: RemoteFile): Hash =>
  checksum.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)

async function requested(file: RemoteFile, from: number, { request }: DownloadOptions): Promise<Response> {
  const headers = {
    // Ranges of what is packed on the way would be of something else.
    'Accept-Encoding': 'identity',
    ...(from > 0 && { Range: `bytes=${from}-` }),
  }
  const response = await request(file.url, headers).catch((cause: unknown) => {
    throw new Interrupted('', { cause })
  })
  const { status } = response
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]
  if (status === 200 || (status === 206 && Number(start) === from)) return response
  await response.body?.cancel()
  const received = new Error(`HTTP status ${status}${status === 206 ? `, from byte ${start}` : ''}`)
  if (status === 408 || status === 429 || status >= 500) throw new Interrupted('', { cause: received })
  throw new StateError({
    where: file.url,
    expected: `the file '${file.path}', which the hub lists`,
    received: received.message,
    ...((status === 401 || status === 403) && { fix: 'Give a token that may read it: token, or HF_TOKEN.' }),
  })
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return
  try {
    for await (const chunk of body) yield chunk as Uint8Array
  } catch (cause) {
    throw new Interrupted('', { cause })
  }
}

/** What fetch says stands in the cause, mostly. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
