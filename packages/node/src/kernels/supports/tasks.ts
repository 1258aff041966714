/** Multiplications that are worth a thread of their own. */
export const multiplicationsOfTask = 1 << 19

/** How many tasks a kernel's work is cut into: one for each thread that gets enough of it, and one at least. */
export const tasksFor = (work: number, workOfTask: number, threads: number): number =>
  Math.max(1, Math.min(threads, Math.floor(work / workOfTask)))
