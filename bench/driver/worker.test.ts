import { expect, test } from 'vitest'
import { Worker } from './worker.ts'

const script = (body: string) => ({
  command: process.execPath,
  args: [
    '-e',
    `require('readline').createInterface({ input: process.stdin }).on('line', (line) => { ${body} })`,
  ],
})

test('a worker answers one line with one line', async () => {
  const worker = new Worker('echo', script(`console.log(JSON.stringify({ version: JSON.parse(line).cmd }))`))
  try {
    expect(await worker.ask({ cmd: 'losses' })).toEqual({ version: 'losses' })
    worker.pause()
    // A worker that was stopped goes on when it is asked.
    expect(await worker.ask({ cmd: 'memory' })).toEqual({ version: 'memory' })
  } finally {
    await worker.end()
  }
})

test('an error of the worker is thrown, and so is its end, with what it wrote last', async () => {
  const failing = new Worker('failing', script(`console.log(JSON.stringify({ error: 'no kernel' }))`))
  await expect(failing.ask({ cmd: 'losses' })).rejects.toThrow('no kernel')
  await failing.end()
  const ending = new Worker('ending', script(`console.error('out of memory'); process.exit(1)`))
  await expect(ending.ask({ cmd: 'losses' })).rejects.toThrow(/ending ended: out of memory/)
  await ending.end()
  const missing = new Worker('missing', { command: '/no/such/program', args: [] })
  await expect(missing.ask({ cmd: 'losses' })).rejects.toThrow(/missing ended: .*ENOENT/)
  await missing.end()
})
