import type { EnergyMeter } from './energy.node.ts'

export type { EnergyMeter } from './energy.node.ts'

/**
 * The energy counters of this machine's processors, or a sentence that says why there are none: other systems have no such
 * files, most virtual machines hide them, Linux shows them to the superuser alone unless it is told otherwise, and browsers do not
 * tell. What other programs take meanwhile is counted too.
 *
 * @param root the folder where they are looked for. Default Linux's own.
 * @example
 * const meter = await energyMeter()
 * if (typeof meter !== 'string') console.log(`${await meter.read()} J`)
 */
export async function energyMeter(root?: string): Promise<EnergyMeter | string> {
  if (typeof process !== 'object' || process.versions?.node === undefined)
    return 'a browser does not tell the energy that it takes'
  const { countersIn } = await import('./energy.node.ts')
  return await countersIn(root)
}
