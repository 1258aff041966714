import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where Linux shows the energy counters of processors (powercap, Intel's and AMD's RAPL). */
const powercap = '/sys/class/powercap'

/** Counts the energy that the processors of this machine take. */
export interface EnergyMeter {
  /** Joules since the last call; undefined where the counters cannot be read any more. */
  read(): Promise<number | undefined>
}

const numberIn = async (file: string): Promise<number> => {
  const text = (await readFile(file, 'utf8')).trim()
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

/** As `energyMeter` of `energy.ts` says. */
export async function countersIn(root = powercap): Promise<EnergyMeter | string> {
  const names = await readdir(root).catch(() => [])
  // `intel-rapl:0` is a processor; `intel-rapl:0:1` a part of it, which it counts too.
  const folders = names.filter((name) => /^intel-rapl:\d+$/.test(name)).map((name) => join(root, name))
  if (folders.length === 0) return `${root} has no counters of processors`
  const counters = async (): Promise<readonly number[] | undefined> => {
    const values = await Promise.all(
      folders.map((folder) => numberIn(join(folder, 'energy_uj')).catch(() => Number.NaN)),
    )
    return values.some(Number.isNaN) ? undefined : values
  }
  const ranges = await Promise.all(
    folders.map((folder) => numberIn(join(folder, 'max_energy_range_uj')).catch(() => Number.NaN)),
  )
  let last = await counters()
  if (last === undefined) return `${join(folders[0] as string, 'energy_uj')} may not be read`
  return {
    async read() {
      const now = await counters()
      const before = last
      last = now
      if (now === undefined || before === undefined) return undefined
      // A counter that has run over begins again at 0.
      const used = now.map((value, i) => {
        const difference = value - (before[i] as number)
        return difference >= 0 ? difference : difference + (ranges[i] as number)
      })
      const joules = used.reduce((a, b) => a + b, 0) / 1e6
      return Number.isNaN(joules) ? undefined : joules
    },
  }
}
