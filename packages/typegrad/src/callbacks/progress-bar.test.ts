import { describe, expect, test } from 'vitest'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { lambdaCallback } from './lambda-callback.ts'
import { ProgressBar } from './progress-bar.ts'

/** A bar on a terminal of a width, whose clock a test moves. */
function terminal(columns = 80, interactive = true) {
  const screen = { text: '', time: 0 }
  const bar = new ProgressBar({
    write: (text) => {
      screen.text += text
    },
    interactive,
    columns: () => columns,
    now: () => screen.time,
  })
  return { screen, bar }
}

/** What was drawn, one after the other. */
const drawings = (text: string): string[] => text.split(/[\r\n]/).filter((line) => line !== '')
// biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
const plain = (line: string): string => line.replace(/\x1b\[\d*[AJK]/g, '')

describe('progressBar on a terminal', () => {
  test('draws over one line and ends it with the epoch', async () => {
    const { screen, bar } = terminal()
    await fakeTraining(new FakeModel(), [bar], {
      logs: [{ loss: 0.3142, accuracy: 0.9, val_loss: 0.0001 }],
      steps: 10,
      beforeBatch: () => {
        screen.time += 200
      },
    })
    const lines = drawings(screen.text).map(plain)
    expect(lines[0]).toBe('Epoch 1/1')
    expect(lines[1]).toBe(' 0/10 ────────────────────────────── compiling …')
    expect(lines[4]).toBe(' 3/10 ━━━━━────────── 1s left loss: 0.3142 accuracy: 0.9000 val_loss: 1.0000e-4')
    expect(lines.at(-1)).toBe(
      '10/10 ━━━━━━━━━ 2s 200ms/step loss: 0.3142 accuracy: 0.9000 val_loss: 1.0000e-4',
    )
    expect(lines.length).toBe(1 + 1 + 9 + 1)
    expect(screen.text.endsWith('\n')).toBe(true)
  })

  test('numbers that grow without bound stay short', async () => {
    const { screen, bar } = terminal()
    const logs = [{ loss: 6.01457434e18, mae: 123456789.5, bias: -2e12 }]
    await fakeTraining(new FakeModel(), [bar], { logs })
    expect(plain(drawings(screen.text).at(-1) ?? '')).toMatch(
      /loss: 6\.0146e\+18 mae: 123456789\.5000 bias: -2\.0000e\+12$/,
    )
  })

  test('other callbacks print below no status that is drawn over', async () => {
    const { screen, bar } = terminal()
    bar.status('reading data …')
    await fakeTraining(new FakeModel(), [bar], { logs: [{ loss: 1 }] })
    const first = screen.text.slice(0, screen.text.indexOf('Epoch 1'))
    expect(plain(first)).toBe('\rreading data …\r\r')
  })

  test('reads the logs ten times a second at most', async () => {
    const { screen, bar } = terminal()
    let reads = 0
    bar.model = new FakeModel()
    await fakeTraining(bar.model as FakeModel, [bar], { logs: [] })
    bar.onEpochBegin(0)
    for (let batch = 0; batch < 5000; batch++) {
      screen.time += 0.2 // a second in all
      await bar.onTrainBatchEnd(batch, async () => {
        reads += 1
        return { loss: 1 }
      })
    }
    expect(reads).toBeGreaterThan(5)
    expect(reads).toBeLessThanOrEqual(10)
  })

  test('never wraps, however narrow the terminal is', async () => {
    for (const columns of [200, 60, 40, 20, 5]) {
      const { screen, bar } = terminal(columns)
      const beforeBatch = () => {
        screen.time += 1000
      }
      const logs = [{ loss: 1, accuracy: 0.5, val_loss: 1, val_accuracy: 0.5 }]
      await fakeTraining(new FakeModel(), [bar], { logs, steps: 300, beforeBatch })
      const widest = Math.max(
        ...drawings(screen.text)
          .slice(1)
          .map((line) => plain(line).length),
      )
      expect(widest).toBeLessThan(columns)
    }
  })

  test('leaves the time of the first step, which compiles, out of the time left', async () => {
    const { screen, bar } = terminal()
    let step = 0
    await fakeTraining(new FakeModel(), [bar], {
      logs: [{ loss: 1 }],
      steps: 100,
      beforeBatch: () => {
        screen.time += step++ === 0 ? 60_000 : 1000
      },
    })
    expect(plain(drawings(screen.text)[3] as string)).toContain('2/100')
    expect(plain(drawings(screen.text)[3] as string)).toContain('1m 38s left')
  })

  test('ends its line where the training breaks off', async () => {
    const { screen, bar } = terminal()
    const stop = lambdaCallback({
      onTrainBatchEnd: () => {
        throw new Error('broken')
      },
    })
    const training = fakeTraining(new FakeModel(), [bar, stop], {
      logs: [{ loss: 1 }],
      beforeBatch: () => {
        screen.time += 500
      },
    })
    await expect(training).rejects.toThrow('broken')
    expect(screen.text.endsWith('\n')).toBe(false)
    bar.onTrainEnd()
    expect(screen.text.endsWith('\n')).toBe(true)
  })
})

/** What stands on a terminal of a width after a text with the controls that the bar uses. */
function shownOn(columns: number, text: string): string[] {
  const rows: string[] = ['']
  let [row, column] = [0, 0]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
  for (const [token, count, control] of text.matchAll(/\x1b\[(\d*)([AJK])|[\s\S]/g)) {
    const line = rows[row] ?? ''
    if (control === 'A') row = Math.max(0, row - Number(count))
    else if (control === 'K') rows[row] = line.slice(0, column)
    else if (control === 'J') rows.splice(row, rows.length, line.slice(0, column))
    else if (token === '\r') column = 0
    else if (token === '\n') {
      row += 1
      column = 0
      rows[row] ??= ''
    } else {
      if (column === columns) {
        row += 1
        column = 0
        rows[row] ??= ''
      }
      rows[row] = `${(rows[row] ?? '').padEnd(column).slice(0, column)}${token}${line.slice(column + 1)}`
      column += 1
    }
  }
  return rows
}

describe('progressBar on a narrow terminal', () => {
  const logs = [
    { loss: 0.5, accuracy: 0.75, val_loss: 0.6, val_accuracy: 0.7 },
    { loss: 0.4, accuracy: 0.85, val_loss: 0.5, val_accuracy: 0.8 },
  ]
  const trained = async (columns: number): Promise<string[]> => {
    const { screen, bar } = terminal(columns)
    bar.status('reading data …')
    await fakeTraining(new FakeModel(), [bar], {
      logs,
      steps: 20,
      beforeBatch: () => {
        screen.time += 200
      },
    })
    return shownOn(columns, screen.text)
  }
  const metrics = ['loss: 0.4000', 'accuracy: 0.8500', 'val_loss: 0.5000', 'val_accuracy: 0.8000']

  test.each([120, 80, 50, 30])(
    'of %d columns ends with every metric of both epochs, and nothing else',
    async (columns) => {
      const rows = await trained(columns)
      expect(rows[0]).toBe('Epoch 1/2')
      const second = rows.indexOf('Epoch 2/2')
      for (const metric of ['loss: 0.5000', 'val_accuracy: 0.7000']) {
        expect(rows.slice(0, second).join('\n')).toContain(metric)
      }
      for (const metric of metrics) expect(rows.slice(second).join('\n')).toContain(metric)
      // What was drawn before is drawn over: one count and one score for each epoch are left.
      expect(rows.filter((row) => row.startsWith('20/20')).length).toBe(2)
      expect(rows.filter((row) => row.includes('val_accuracy')).length).toBe(2)
      expect(rows.join('\n')).not.toMatch(/reading|compiling/)
    },
  )

  test('of 50 columns', async () => {
    const rows = await trained(50)
    expect(rows.slice(rows.indexOf('Epoch 2/2'))).toEqual([
      'Epoch 2/2',
      `20/20 ${'━'.repeat(29)} 4s 200ms/step`,
      'loss: 0.4000 accuracy: 0.8500 val_loss: 0.5000',
      'val_accuracy: 0.8000',
      '',
    ])
  })
})

describe('what happens before the first batch', () => {
  test('is said on a terminal, and taken back', () => {
    const { screen, bar } = terminal()
    bar.status('reading data …')
    expect(shownOn(80, screen.text)).toEqual(['reading data …'])
    bar.clear()
    expect(shownOn(80, screen.text)).toEqual([''])
  })

  test('is no line of a log', () => {
    const { screen, bar } = terminal(80, false)
    bar.status('reading data …')
    bar.clear()
    expect(screen.text).toBe('')
  })
})

describe('progressBar elsewhere', () => {
  test.each([
    [1, false],
    [2, true],
    [2, false],
  ] as const)('one line an epoch (verbose %s, terminal: %s)', async (verbose, interactive) => {
    const { screen, bar } = terminal(80, interactive)
    await fakeTraining(new FakeModel(), [bar], {
      logs: [{ loss: 2 }, { loss: 1 }],
      verbose,
      beforeBatch: () => {
        screen.time += 0.25
      },
    })
    expect(screen.text).toBe('Epoch 1/2 0s 250us/step loss: 2.0000\nEpoch 2/2 0s 250us/step loss: 1.0000\n')
  })

  test('nothing at all with verbose 0', async () => {
    const { screen, bar } = terminal()
    await fakeTraining(new FakeModel(), [bar], { logs: [{ loss: 1 }], verbose: 0 })
    expect(screen.text).toBe('')
  })

  test('an evaluation by itself', async () => {
    const { screen, bar } = terminal()
    await fakeTraining(new FakeModel(), [bar], { logs: [] })
    bar.onTestBegin()
    screen.time = 3_725_000
    await bar.onTestBatchEnd(0, async () => ({ loss: 1 }))
    bar.onTestEnd({ loss: 1 })
    expect(plain(drawings(screen.text).at(-1) as string)).toBe(
      '1/2 ━━━━━━━━━━━━━━━─────────────── 1h 02m 3725.0s/step loss: 1.0000',
    )
  })
})
