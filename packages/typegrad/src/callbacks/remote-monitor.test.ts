import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { remoteMonitor } from './remote-monitor.ts'

let server: Server
let root: string
let status = 200
let requests: { url: string | undefined; type: string | undefined; key: unknown; body: string }[]

beforeEach(async () => {
  requests = []
  status = 200
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { 'content-type': type, 'x-key': key } = request.headers
    requests.push({ url: request.url, type, key, body })
    if (status !== 0) response.writeHead(status).end('thanks')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

const logs = [{ loss: 0.5, accuracy: 0.25 }, { loss: Number.NaN }]

test('posts a form, as Keras does', async () => {
  await fakeTraining(new FakeModel(), [remoteMonitor({ root, headers: { 'x-key': 'secret' } })], { logs })
  const forms = requests.map(({ body }) => JSON.parse(new URLSearchParams(body).get('data') ?? ''))
  expect(forms).toEqual([
    { epoch: 0, loss: 0.5, accuracy: 0.25 },
    { epoch: 1, loss: null },
  ])
  expect(requests[0]).toMatchObject({ url: '/publish/epoch/end/', key: 'secret' })
  expect(requests[0]?.type).toMatch('application/x-www-form-urlencoded')
})

test('or JSON', async () => {
  await fakeTraining(new FakeModel(), [remoteMonitor({ root, path: '/logs', sendAsJson: true })], {
    logs: logs.slice(0, 1),
  })
  expect(requests).toEqual([
    {
      url: '/logs',
      type: 'application/json',
      key: undefined,
      body: '{"epoch":0,"loss":0.5,"accuracy":0.25}',
    },
  ])
})

test('the training goes on without the server, with a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const train = (options: Parameters<typeof remoteMonitor>[0]) =>
    fakeTraining(new FakeModel(), [remoteMonitor(options)], { logs: logs.slice(0, 1) })
  expect(await train({ root: 'http://127.0.0.1:1' })).toEqual([0])
  expect(warn.mock.lastCall?.[0]).toMatch('http://127.0.0.1:1/publish/epoch/end/ could not be reached')
  status = 500
  expect(await train({ root })).toEqual([0])
  expect(warn.mock.lastCall?.[0]).toMatch('answered 500')
  status = 0
  expect(await train({ root, timeout: 50 })).toEqual([0])
  expect(warn).toHaveBeenCalledTimes(3)
})

test('refuses what is no address', () => {
  expect(() => remoteMonitor({ root: 'dashboard' })).toThrow(ArgumentError)
})
