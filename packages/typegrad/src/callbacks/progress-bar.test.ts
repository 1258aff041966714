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
const plain = (line: string): string => line.replaceAll('\x1b[K', '')

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
    expect(lines[3]).toBe(' 3/10 ━━━━━────────── 1s left loss: 0.3142 accuracy: 0.9000 val_loss: 1.0000e-4')
    expect(lines.at(-1)).toBe(
      '10/10 ━━━━━━━━━ 2s 200ms/step loss: 0.3142 accuracy: 0.9000 val_loss: 1.0000e-4',
    )
    expect(lines.length).toBe(1 + 9 + 1)
    expect(screen.text.endsWith('\n')).toBe(true)
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
    expect(plain(drawings(screen.text)[2] as string)).toContain('2/100')
    expect(plain(drawings(screen.text)[2] as string)).toContain('1m 38s left')
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
