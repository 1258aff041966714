import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ArgumentError, FormatError } from '../base/errors.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { backupAndRestore } from './backup-and-restore.ts'
import { csvLogger } from './csv-logger.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-csv-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const logs = [
  { loss: 0.5, accuracy: 0.25 },
  { loss: Number.NaN, accuracy: Number.POSITIVE_INFINITY },
]
// What Keras 3.15.1 writes for the same logs.
const header = 'epoch,accuracy,loss,val_accuracy,val_loss\r\n'
const rows = '0,0.25,0.5,NA,NA\r\n1,inf,nan,NA,NA\r\n'

test("writes Keras's file, and replaces an older one", async () => {
  const filename = join(folder, 'new/folder/log.csv')
  for (let i = 0; i < 2; i++) {
    await fakeTraining(new FakeModel(), [csvLogger({ filename })], { logs })
    expect(readFileSync(filename, 'utf8')).toBe(header + rows)
  }
})

test('columns of a validation are there from the beginning', async () => {
  const filename = join(folder, 'log.csv')
  await fakeTraining(new FakeModel(), [csvLogger({ filename, separator: ';' })], {
    logs: [{ loss: 1, val_loss: 2 }],
  })
  expect(readFileSync(filename, 'utf8')).toBe('epoch;loss;val_loss\r\n0;1;2\r\n')
})

test('appends under the header that is there, in its order', async () => {
  const filename = join(folder, 'log.csv')
  writeFileSync(filename, 'epoch,loss,"a ""name"", quoted"\n7,1,2\n')
  await fakeTraining(new FakeModel(), [csvLogger({ filename, append: true })], {
    logs: [{ 'a "name", quoted': 4, loss: 3 }],
  })
  expect(readFileSync(filename, 'utf8')).toBe('epoch,loss,"a ""name"", quoted"\n7,1,2\n0,3,4\r\n')
})

test('a line that a crash has cut off is not gone on with', async () => {
  const filename = join(folder, 'cut.csv')
  writeFileSync(filename, 'epoch,loss,val_loss\r\n0,0.5,1\r\n1,0.2')
  await fakeTraining(new FakeModel(), [csvLogger({ filename, append: true })], {
    logs: [{ loss: 0.25, val_loss: 0.75 }],
  })
  expect(readFileSync(filename, 'utf8')).toBe('epoch,loss,val_loss\r\n0,0.5,1\r\n1,0.2\r\n0,0.25,0.75\r\n')
})

test('a log that first appears in a later epoch becomes a column', async () => {
  const filename = join(folder, 'log.csv')
  await fakeTraining(new FakeModel(), [csvLogger({ filename })], {
    logs: [{ loss: 3, val_loss: 4 }, { loss: 2, val_loss: 3, lr: 0.5 }, { loss: 1 }],
  })
  expect(readFileSync(filename, 'utf8')).toBe(
    'epoch,loss,val_loss,lr\r\n0,3,4,NA\r\n1,2,3,0.5\r\n2,1,NA,NA\r\n',
  )
})

test('appends to a file of other columns', async () => {
  const filename = join(folder, 'log.csv')
  writeFileSync(filename, 'epoch,loss\n0,1\n')
  await fakeTraining(new FakeModel(), [csvLogger({ filename, append: true })], { logs: logs.slice(0, 1) })
  expect(readFileSync(filename, 'utf8')).toBe('epoch,loss,accuracy\r\n0,1,NA\r\n0,0.5,0.25\r\n')
})

test('refuses to append to another file before anything is trained, and what is no separator', async () => {
  const filename = join(folder, 'log.csv')
  writeFileSync(filename, 'Dear diary,\r\n')
  const training = fakeTraining(new FakeModel(), [csvLogger({ filename, append: true })], { logs: [] })
  await expect(training).rejects.toThrow(FormatError)
  await expect(training).rejects.toThrow(/'epoch'.*Dear diary/)
  expect(readFileSync(filename, 'utf8')).toBe('Dear diary,\r\n')
  expect(() => csvLogger({ filename, separator: '' })).toThrow(ArgumentError)
})

test('a training that is resumed keeps a column that came after its backup', async () => {
  const epochs = [{ loss: 3 }, { loss: 2 }, { loss: 1, lr: 0.5 }]
  const run = (filename: string, model: FakeModel, killedIn?: number) =>
    fakeTraining(model, [csvLogger({ filename }), backupAndRestore({ backupDir: 'backup' })], {
      logs: epochs,
      ...(killedIn === undefined ? {} : { killedIn }),
    })
  const [whole, killed] = [join(folder, 'whole.csv'), join(folder, 'killed.csv')]
  await run(whole, new FakeModel())
  const model = new FakeModel()
  await run(killed, model, 2)
  // The process died after this line and before the backup.
  writeFileSync(killed, 'epoch,loss,val_loss,lr\r\n0,3,NA,NA\r\n1,2,NA,NA\r\n2,1,NA,0.5\r\n')
  await run(killed, model)
  expect(readFileSync(killed, 'utf8')).toBe(readFileSync(whole, 'utf8'))
})

test('a killed and resumed training leaves the file of an uninterrupted one', async () => {
  const epochs = [5, 4, 3, 2].map((loss) => ({ loss }))
  const run = (filename: string, model: FakeModel, killedIn?: number) =>
    fakeTraining(model, [csvLogger({ filename }), backupAndRestore({ backupDir: 'backup' })], {
      logs: epochs,
      ...(killedIn === undefined ? {} : { killedIn }),
    })
  const [whole, killed] = [join(folder, 'whole.csv'), join(folder, 'killed.csv')]
  await run(whole, new FakeModel())
  const model = new FakeModel()
  await run(killed, model, 2)
  // The process died after this line and before the backup.
  writeFileSync(killed, `${readFileSync(killed, 'utf8')}2,3,NA\r\n`)
  await run(killed, model)
  expect(readFileSync(killed, 'utf8')).toBe(readFileSync(whole, 'utf8'))
})
