/**
 * One list of tokens from several that overlap: the end of each is the beginning of the next, but for mistakes.
 *
 * Each list is slid along the one before it. The best place is where the largest share of the tokens that stand beside each
 * other are equal (two at least), and of two such places that with the longer overlap. There the overlap is cut in the middle: what
 * came before it is heard best on the left, what comes after it on the right. As Hugging Face joins texts of Whisper.
 *
 * @param isSame whether a token of the left list may be the one that stands beside it on the right.
 */
export function joinOverlapping<T>(
  lists: readonly (readonly T[])[],
  isSame: (left: T, right: T) => boolean,
): T[] {
  const [first = [], ...others] = lists
  const joined: T[] = []
  let left = first
  for (const right of others) {
    const { leftMiddle, rightMiddle } = bestOverlap(left, right, isSame)
    joined.push(...left.slice(0, leftMiddle))
    left = right.slice(rightMiddle)
  }
  return [...joined, ...left]
}

/** Where the left list is to end, and where the right one is to begin: side by side if nothing is equal. */
function bestOverlap<T>(left: readonly T[], right: readonly T[], isSame: (left: T, right: T) => boolean) {
  let best = { score: 0, leftMiddle: left.length, rightMiddle: 0 }
  // The right list's beginning stands `shift` tokens in front of the left one's end.
  for (let shift = 1; shift < left.length + right.length; shift++) {
    const leftStart = Math.max(0, left.length - shift)
    const leftStop = Math.min(left.length, left.length + right.length - shift)
    const rightStart = Math.max(0, shift - left.length)
    const rightStop = Math.min(right.length, shift)
    let equal = 0
    for (let i = leftStart; i < leftStop; i++)
      if (isSame(left[i] as T, right[rightStart + i - leftStart] as T)) equal++
    const score = equal / shift + shift / 10_000
    if (equal < 2 || score <= best.score) continue
    best = {
      score,
      leftMiddle: Math.floor((leftStart + leftStop) / 2),
      rightMiddle: Math.floor((rightStart + rightStop) / 2),
    }
  }
  return best
}
