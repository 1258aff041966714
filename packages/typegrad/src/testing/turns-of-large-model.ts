// What the turns of the event loop take while a large model lives: printed as JSON, for event-loop.test.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layers, loadModel, sequential } from '../index.ts'
import { longestTurn } from './longest-turn.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-large-'))
const [x, y] = [new Float32Array(512 * 2048).fill(0.1), new Float32Array(512 * 2048)]
const build = () => {
  const model = sequential(
    [0, 1, 2].map((i) => layers.dense({ units: 2048, ...(i === 0 && { inputShape: [2048] }) })),
  )
  model.compile({ optimizer: 'adam', loss: 'mse' })
  return model
}
let model = sequential()
const training = await longestTurn(async () => {
  model = build()
  await model.fit(x, y, { verbose: 0, batchSize: 256, validationSplit: 0.25 })
})
const saving = await longestTurn(() => model.save(join(folder, 'model')))
const loading = await longestTurn(() => loadModel(join(folder, 'model')))
const exporting = await longestTurn(() => model.toOnnx())
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ training, saving, loading, exporting }))
