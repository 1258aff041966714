/** Shares of a learning rate and the like by how much of a training is done, from 0 to 1. */
export const progressSchedules = {
  /** Four waves, each twice as long as the one before: (1 − cos(2π log₂(1 + 15t))) / 2. */
  coslog4: (t: number): number => 0.5 * (1 - Math.cos(2 * Math.PI * Math.log2(1 + 15 * t))),
  /** 1 through the first half, and then half a cosine down to 0. */
  flatCosine: (t: number): number => (t <= 0.5 ? 1 : 0.5 * (1 + Math.cos(Math.PI * (2 * t - 1)))),
  constant: (): number => 1,
} as const satisfies Readonly<Record<string, (t: number) => number>>

export type ProgressSchedule = keyof typeof progressSchedules

/** Rows of a step, by how many there are to learn from, as RealMLP has them. */
export function batchSizeFor(rows: number): number {
  const sizes = [
    [1024, 64],
    [8192, 128],
    [30_000, 256],
    [100_000, 512],
  ] as const
  return sizes.find(([most]) => rows <= most)?.[1] ?? 1024
}
