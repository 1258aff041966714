import { versionEvent } from '../formats/tensorboard-events.ts'
import { tfRecord } from '../formats/tfrecord.ts'

const io = () => import('../formats/append.node.ts')
let count = 0

/** An event file that grows; events are kept in memory until `flush`. */
export class EventFile {
  readonly path: string
  #pending: Uint8Array[]

  /** @param folder that of the run: what TensorBoard calls it. */
  constructor(folder: string, now: number) {
    // Several files of a run are read in the order of their names.
    const started = `${Math.floor(now)}`.padStart(10, '0')
    this.path = `${folder}/events.out.tfevents.${started}.typegrad.${Math.floor(Math.random() * 1e6)}.${count++}.v2`
    this.#pending = [tfRecord(versionEvent({ wallTime: now }))]
  }

  add(event: Uint8Array): void {
    this.#pending.push(tfRecord(event))
  }

  async flush(): Promise<void> {
    const records = this.#pending
    if (records.length === 0) return
    this.#pending = []
    const bytes = new Uint8Array(records.reduce((length, record) => length + record.length, 0))
    let at = 0
    for (const record of records) {
      bytes.set(record, at)
      at += record.length
    }
    await (await io()).appendToLog(this.path, bytes)
  }
}
