/** A column that speaks for a case, and by how much: log-odds above what they are with other rows' cells in its place. */
export interface Reason {
  readonly name: string
  readonly value: unknown
  readonly by: number
}

type Row = Readonly<Record<string, unknown>>

const logOdds = (chance: number): number => Math.log(chance / (1 - chance))

/**
 * Why a model takes a row for a case. For each column: how far the log-odds of the row are from what they would be with that column's cells
 * of other rows, on average. The columns that speak for a case most come first.
 *
 * @param chancesOf probabilities of rows
 * @param others rows that cells are taken from; some forty of them, at equal distances
 */
export async function reasonsFor(
  chancesOf: (rows: readonly Row[]) => Promise<ArrayLike<number>>,
  row: Row,
  others: readonly Row[],
  except: readonly string[],
): Promise<readonly Reason[]> {
  const columns = Object.keys(row).filter((name) => !except.includes(name))
  const strangers = others.filter((_, i) => i % Math.ceil(others.length / 40) === 0)
  const variants = columns.flatMap((name) => strangers.map((one) => ({ ...row, [name]: one[name] })))
  const [own = 0, ...varied] = Array.from(await chancesOf([row, ...variants]), logOdds)
  return columns
    .map((name, i) => {
      const those = varied.slice(i * strangers.length, (i + 1) * strangers.length)
      return { name, value: row[name], by: own - those.reduce((sum, one) => sum + one, 0) / those.length }
    })
    .sort((a, b) => b.by - a.by)
}

/** The strongest of them in words: `income 69 (+0.41), job partime (+0.30)`. */
export const reasonsText = (reasons: readonly Reason[], count: number): string =>
  reasons
    .slice(0, count)
    .map(({ name, value, by }) => `${name} ${value ?? 'missing'} (+${by.toFixed(2)})`)
    .join(', ')
