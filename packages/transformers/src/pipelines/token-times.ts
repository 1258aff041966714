/**
 * When each token of a text was said, from what the decoder looked at when it read it: weights of some heads' attention to the
 * sound, each token's share taken relative to the others', smoothed by a median, averaged, and then the cheapest path through
 * tokens and positions on which neither goes back.
 *
 * As openai-whisper has it, and `_extract_token_timestamps` of Hugging Face's transformers. Radford et al. 2022,
 * https://arxiv.org/abs/2212.04356; the path: Sakoe and Chiba 1978, https://doi.org/10.1109/TASSP.1978.1163055
 *
 * @param weights of each head: a row of (positions) for each token.
 * @param filterWidth how many positions a median is of: odd.
 * @returns the position at which each token begins.
 */
export function tokenPositions(
  weights: readonly (readonly Float32Array[])[],
  filterWidth: number,
): readonly number[] {
  const [first = []] = weights
  const [tokens, positions] = [first.length, first[0]?.length ?? 0]
  if (tokens === 0 || positions === 0) return first.map(() => 0)
  const costs = first.map(() => new Float64Array(positions))
  for (const head of weights) {
    for (const [token, row] of standardized(head).entries()) {
      const smooth = medians(row, filterWidth)
      const cost = costs[token] as Float64Array
      for (const [at, value] of smooth.entries()) cost[at] = (cost[at] as number) - value / weights.length
    }
  }
  return cheapestStarts(costs)
}

/** Each position's weights less their mean over the tokens, over their standard deviation. */
function standardized(rows: readonly Float32Array[]): readonly Float32Array[] {
  const positions = rows[0]?.length ?? 0
  const result = rows.map(() => new Float32Array(positions))
  for (let at = 0; at < positions; at++) {
    let sum = 0
    for (const row of rows) sum += row[at] as number
    const mean = sum / rows.length
    let squares = 0
    for (const row of rows) squares += ((row[at] as number) - mean) ** 2
    // One token alone deviates from nothing: not a number, of which the path takes no notice.
    const deviation = Math.sqrt(squares / rows.length)
    for (const [i, row] of rows.entries())
      (result[i] as Float32Array)[at] = ((row[at] as number) - mean) / deviation
  }
  return result
}

/** The median around each place; beyond both ends the row is mirrored. A row that is shorter than half a median stays. */
function medians(row: Float32Array, width: number): Float32Array {
  const half = (width - 1) / 2
  const { length } = row
  if (length <= half) return row
  const around = new Float32Array(width)
  return row.map((_, at) => {
    for (let i = 0; i < width; i++) {
      const place = Math.abs(at - half + i)
      around[i] = row[place < length ? place : 2 * (length - 1) - place] as number
    }
    return around.sort()[half] as number
  })
}

/** Steps of a path, as they are tried: to the next token and position, to the next token, to the next position. */
const steps = { both: 0, token: 1, position: 2 } as const

/** The first position of each token on the cheapest path from the first of both to the last. */
function cheapestStarts(costs: readonly Float64Array[]): readonly number[] {
  const tokens = costs.length
  const positions = costs[0]?.length ?? 0
  const width = positions + 1
  // Sums in float32, as Python has them: it is they that ties are between.
  const sums = new Float32Array((tokens + 1) * width).fill(Number.POSITIVE_INFINITY)
  const taken = new Uint8Array((tokens + 1) * width)
  sums[0] = 0
  for (let at = 1; at <= positions; at++) {
    for (let token = 1; token <= tokens; token++) {
      const here = token * width + at
      const both = sums[here - width - 1] as number
      const nextToken = sums[here - width] as number
      const nextPosition = sums[here - 1] as number
      const step =
        both < nextToken && both < nextPosition
          ? steps.both
          : nextToken < both && nextToken < nextPosition
            ? steps.token
            : steps.position
      const before = [both, nextToken, nextPosition][step] as number
      sums[here] = (costs[token - 1]?.[at - 1] as number) + before
      taken[here] = step
    }
  }
  const starts = new Array<number>(tokens).fill(0)
  for (let token = tokens, at = positions; token > 0; ) {
    starts[token - 1] = Math.max(0, at - 1)
    const step = at === 0 ? steps.token : taken[token * width + at]
    if (step !== steps.token) at--
    if (step !== steps.position) token--
  }
  return starts
}
