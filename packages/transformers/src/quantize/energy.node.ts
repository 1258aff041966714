import { readFile } from 'node:fs/promises'

/** The counter of the first processor package of Intel's and AMD's RAPL, in µJ, as Linux shows it to root. */
const counter = '/sys/class/powercap/intel-rapl:0/energy_uj'

/** Joules that the processor has used since some moment; undefined where the system does not say. */
export async function energyUsed(): Promise<number | undefined> {
  try {
    return Number(await readFile(counter, 'utf8')) / 1e6
  } catch {
    return undefined
  }
}
