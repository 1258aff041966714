import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { ValueFault } from '../annotations/check-value.ts'
import type { Task } from '../annotations/task.ts'
import { pageFiles } from './page-files.node.ts'
import { hasToken, refusal, safeHeaders } from './safety.node.ts'
import { RequestFault, type Work } from './work.node.ts'

/** A server that is listening. */
export interface Served {
  /** Where the page is, with the token that it needs. */
  readonly url: string
  close(): Promise<void>
}

interface Said {
  readonly person: string
  readonly index: number
  readonly value?: unknown
  readonly seconds?: number
}

/** Bytes of a request: a transcript of a million letters of four bytes, or ten thousand boxes. */
const longestRequest = 4 << 20

const person = { type: 'string', minLength: 1, maxLength: 200 } as const
const index = { type: 'integer', minimum: 0 } as const

/** What bodies have to be; values are checked by their task. */
const bodyOf = {
  asked: { type: 'object', required: ['person'], properties: { person } },
  said: {
    type: 'object',
    required: ['person', 'index'],
    properties: { person, index, value: {}, seconds: { type: 'number', minimum: 0, maximum: 1e6 } },
  },
} as const

/** Serves the page and the work of a session. */
export async function serve<T extends Task>(
  work: Work<T>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Served> {
  const { default: fastify } = await import('fastify')
  const token = randomBytes(16).toString('base64url')
  const isLocal = /^(localhost|127\.|::1$)/.test(host)
  const server = fastify({ bodyLimit: longestRequest, forceCloseConnections: true })

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(safeHeaders)
    const reason = refusal(request.headers, isLocal)
    if (reason !== undefined) return reply.code(403).send({ error: `Refused: ${reason}.` })
    if (!request.url.startsWith('/api/') || hasToken(request.headers, token)) return undefined
    return reply.code(401).send({ error: 'Refused: the address lacks the token of this session.' })
  })
  server.setErrorHandler(async (error, _, reply) => {
    const { message, statusCode = 500 } = error as Error & { readonly statusCode?: number }
    const isTheirs = error instanceof ValueFault || error instanceof RequestFault
    return reply.code(isTheirs ? 400 : statusCode).send({ error: message })
  })
  server.setNotFoundHandler(async (_, reply) => reply.code(404).send({ error: 'Nothing is there.' }))

  server.get('/', async (_, reply) => reply.type('text/html; charset=utf-8').send((await pageFiles()).html))
  server.get('/page.js', async (_, reply) =>
    reply.type('text/javascript; charset=utf-8').send((await pageFiles()).script),
  )

  type Asked = { readonly Body: { readonly person: string } }
  type Answered = { readonly Body: Said }
  const asked = { schema: { body: bodyOf.asked } }
  const said = { schema: { body: bodyOf.said } }
  server.post<Asked>('/api/join', asked, async ({ body }) => work.join(body.person))
  server.post<Asked>('/api/next', asked, async ({ body }) => work.next(body.person))
  server.post<Asked>('/api/progress', asked, async ({ body }) => work.progress(body.person))
  server.post<Answered>('/api/view', said, async ({ body }) => ({
    next: work.view(body.index, body.person),
    progress: work.progress(body.person),
  }))
  server.post<Answered>('/api/save', said, async ({ body }) =>
    work.save(body.person, body.index, body.value, body.seconds),
  )
  server.post<Answered>('/api/skip', said, async ({ body }) => work.skip(body.person, body.index))
  server.post<Answered>('/api/undo', said, async ({ body }) => work.undo(body.person, body.index))
  server.post<Answered>('/api/disputed', said, async ({ body }) => ({
    next: work.nextDisputed(body.index),
    progress: work.progress(body.person),
  }))
  server.post<Answered>('/api/decide', said, async ({ body }) =>
    work.decide(body.person, body.index, body.value),
  )
  server.get<{ readonly Params: { readonly index: number } }>(
    '/api/file/:index',
    { schema: { params: { type: 'object', properties: { index } } } },
    async ({ params }, reply) => {
      const file = await work.samples[params.index]?.read?.()
      if (file === undefined) return reply.code(404).send({ error: 'That sample has no file.' })
      return reply
        .type(file.type)
        .send(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length))
    },
  )

  await server.listen({ host, port })
  const { port: chosen } = server.server.address() as AddressInfo
  const name = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return {
    // Behind the #, the token is neither sent nor written into any log; the page takes it from there.
    url: `http://${name}:${chosen}/#${token}`,
    close: () => server.close(),
  }
}
